export { type BuiltImage, buildImage } from './build-image.ts'
export { BuildFailure } from './failure.ts'
export { createBuildLog } from './log.ts'
