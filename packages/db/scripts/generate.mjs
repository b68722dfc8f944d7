// Generates the database client into packages/db/src/generated. It calls the generator that `prisma generate` calls: the
// command itself brings an engine to download, a database and a web application, 240 MB that nothing here uses.
import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

// The generator's ECMAScript build lacks file extensions in its imports.
const require = createRequire(import.meta.url)
const { PrismaClientTsGenerator } = require('@prisma/client-generator-ts')
const { enginesVersion } = require('@prisma/engines-version')
const { getConfig, getDMMF } = require('@prisma/internals')

const schemaPath = fileURLToPath(new URL('../../../prisma/schema.prisma', import.meta.url))
const datamodel = [[schemaPath, readFileSync(schemaPath, 'utf8')]]
const { generators, datasources } = await getConfig({ datamodel })
const [generator] = generators
const output = path.resolve(path.dirname(schemaPath), generator.output.value)
rmSync(output, { recursive: true, force: true })
await new PrismaClientTsGenerator().generate({
  generator: { ...generator, output: { fromEnvVar: null, value: output } },
  otherGenerators: [],
  schemaPath,
  dmmf: await getDMMF({ datamodel }),
  datasources,
  datamodel: datamodel[0][1],
  version: enginesVersion,
  noHints: true,
})
