-- CreateEnum
CREATE TYPE "RunKind" AS ENUM ('command', 'release');

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "kind" "RunKind" NOT NULL DEFAULT 'command';

-- CreateTable
CREATE TABLE "run_log_chunks" (
    "runId" UUID NOT NULL,
    "offset" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "run_log_chunks_pkey" PRIMARY KEY ("runId","offset")
);

-- CreateIndex
CREATE INDEX "runs_appId_kind_releaseNumber_idx" ON "runs"("appId", "kind", "releaseNumber");

-- AddForeignKey
ALTER TABLE "run_log_chunks" ADD CONSTRAINT "run_log_chunks_runId_fkey" FOREIGN KEY ("runId") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
