export { canonicalImage, parseReference } from './reference.ts'
export { createImageStore, type ImageStore } from './store.ts'
export type { StoredImage } from './stored-image.ts'
