-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "activeAt" TIMESTAMPTZ(3),
ADD COLUMN     "mode" TEXT NOT NULL DEFAULT 'output',
ADD COLUMN     "userId" UUID;
