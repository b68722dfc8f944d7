-- AlterTable
ALTER TABLE "apps" ADD COLUMN     "buildSettings" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "deployBranch" TEXT;

-- AlterTable
ALTER TABLE "builds" ADD COLUMN     "settings" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "strategy" TEXT;
