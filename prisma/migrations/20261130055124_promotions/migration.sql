-- AlterEnum
ALTER TYPE "ReleaseKind" ADD VALUE 'promotion';

-- AlterTable
ALTER TABLE "releases" ADD COLUMN     "originEnvironment" TEXT,
ADD COLUMN     "originNative" BOOLEAN,
ADD COLUMN     "originRelease" INTEGER;
