-- AlterTable
ALTER TABLE "app_processes" ADD COLUMN     "scaleProblem" TEXT,
ADD COLUMN     "scaleRules" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "scaledAt" TIMESTAMPTZ(3);
