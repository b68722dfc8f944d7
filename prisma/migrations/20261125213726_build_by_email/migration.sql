-- AlterTable
ALTER TABLE "builds" ADD COLUMN     "byEmail" TEXT NOT NULL DEFAULT '';
