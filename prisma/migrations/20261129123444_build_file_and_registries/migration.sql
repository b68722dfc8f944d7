-- AlterEnum
ALTER TYPE "BuildTrigger" ADD VALUE 'manual';

-- AlterTable
ALTER TABLE "builds" ADD COLUMN     "slipwayFile" JSONB;

-- CreateTable
CREATE TABLE "registry_credentials" (
    "teamId" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "passwordCiphertext" TEXT NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedBy" TEXT NOT NULL,

    CONSTRAINT "registry_credentials_pkey" PRIMARY KEY ("teamId","host")
);

-- AddForeignKey
ALTER TABLE "registry_credentials" ADD CONSTRAINT "registry_credentials_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "teams"("id") ON DELETE CASCADE ON UPDATE CASCADE;
