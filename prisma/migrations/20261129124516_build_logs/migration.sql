-- AlterTable
ALTER TABLE "builds" DROP COLUMN "sourceName",
DROP COLUMN "sourceTokenHash",
ADD COLUMN     "attempts" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "releases" ADD COLUMN     "environment" JSONB NOT NULL DEFAULT '{}';

-- CreateTable
CREATE TABLE "build_log_chunks" (
    "buildId" UUID NOT NULL,
    "offset" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "build_log_chunks_pkey" PRIMARY KEY ("buildId","offset")
);

-- AddForeignKey
ALTER TABLE "build_log_chunks" ADD CONSTRAINT "build_log_chunks_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "builds"("id") ON DELETE CASCADE ON UPDATE CASCADE;
