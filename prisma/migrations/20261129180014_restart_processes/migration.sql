-- AlterTable
ALTER TABLE "app_processes" ADD COLUMN     "restartedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "instance_restarts" (
    "appId" UUID NOT NULL,
    "instance" TEXT NOT NULL,
    "requestedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "instance_restarts_pkey" PRIMARY KEY ("appId","instance")
);

-- AddForeignKey
ALTER TABLE "instance_restarts" ADD CONSTRAINT "instance_restarts_appId_fkey" FOREIGN KEY ("appId") REFERENCES "apps"("id") ON DELETE CASCADE ON UPDATE CASCADE;
