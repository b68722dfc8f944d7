/** Migrated and empty; every test database is a copy of it. */
export const TEMPLATE_DATABASE = 'slipway_template'
