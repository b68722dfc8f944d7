export { parseReference } from './reference.ts'
export { createImageStore, ImagePullError, type ImageStore, type StoredImage } from './store.ts'
export { UnpackError } from './unpack.ts'
