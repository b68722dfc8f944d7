-- CreateEnum
CREATE TYPE "TeamCreation" AS ENUM ('everyone', 'operators');

-- AlterTable
ALTER TABLE "teams" ADD COLUMN     "quotaByOperator" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "deactivatedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "installation_settings" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "teamCreation" "TeamCreation" NOT NULL DEFAULT 'everyone',

    CONSTRAINT "installation_settings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "operator_events" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "summary" TEXT NOT NULL,

    CONSTRAINT "operator_events_pkey" PRIMARY KEY ("id")
);
