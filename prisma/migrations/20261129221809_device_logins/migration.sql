-- CreateTable
CREATE TABLE "device_logins" (
    "id" UUID NOT NULL,
    "secretHash" TEXT NOT NULL,
    "userCode" TEXT NOT NULL,
    "computer" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "network" TEXT NOT NULL,
    "scope" "TokenScope" NOT NULL,
    "expiresInDays" INTEGER NOT NULL,
    "intervalSeconds" INTEGER NOT NULL,
    "polledAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "userId" UUID,
    "refused" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "device_logins_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "device_logins_secretHash_key" ON "device_logins"("secretHash");

-- CreateIndex
CREATE UNIQUE INDEX "device_logins_userCode_key" ON "device_logins"("userCode");

-- CreateIndex
CREATE INDEX "device_logins_network_idx" ON "device_logins"("network");

-- CreateIndex
CREATE INDEX "device_logins_expiresAt_idx" ON "device_logins"("expiresAt");

-- CreateIndex
CREATE INDEX "device_logins_userId_idx" ON "device_logins"("userId");

-- AddForeignKey
ALTER TABLE "device_logins" ADD CONSTRAINT "device_logins_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
