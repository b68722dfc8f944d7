export { type BuildOptions, type BuiltImage, buildImage } from './build-image.ts'
export { BuildFailure } from './failure.ts'
export { type BuildLog, createBuildLog } from './log.ts'
export { type BuiltProcess, parseProcfile } from './procfile.ts'
