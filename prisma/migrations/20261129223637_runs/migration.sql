-- CreateTable
CREATE TABLE "runs" (
    "id" UUID NOT NULL,
    "appId" UUID NOT NULL,
    "releaseNumber" INTEGER NOT NULL,
    "command" JSONB NOT NULL,
    "cpuMillis" INTEGER NOT NULL,
    "memoryMiB" INTEGER NOT NULL,
    "timeoutSeconds" INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "stopRequestedAt" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "exitCode" INTEGER,
    "failure" TEXT,

    CONSTRAINT "runs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "runs_appId_endedAt_idx" ON "runs"("appId", "endedAt");

-- AddForeignKey
ALTER TABLE "runs" ADD CONSTRAINT "runs_appId_fkey" FOREIGN KEY ("appId") REFERENCES "apps"("id") ON DELETE CASCADE ON UPDATE CASCADE;
