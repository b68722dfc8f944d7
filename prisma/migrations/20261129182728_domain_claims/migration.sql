-- AlterTable
ALTER TABLE "apps" ADD COLUMN     "refusals" JSONB;

-- CreateTable
CREATE TABLE "domain_claims" (
    "appId" UUID NOT NULL,
    "hostname" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "checkedAt" TIMESTAMPTZ(3),
    "problem" TEXT,

    CONSTRAINT "domain_claims_pkey" PRIMARY KEY ("appId","hostname")
);

-- AddForeignKey
ALTER TABLE "domain_claims" ADD CONSTRAINT "domain_claims_appId_fkey" FOREIGN KEY ("appId") REFERENCES "apps"("id") ON DELETE CASCADE ON UPDATE CASCADE;
