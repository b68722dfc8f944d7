-- AlterTable
ALTER TABLE "app_processes" ADD COLUMN     "options" JSONB NOT NULL DEFAULT '{}';
