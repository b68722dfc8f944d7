export { canonicalImage, parseReference } from './reference.ts'
export { referenceFault } from './reference-fault.ts'
export { createImageStore, type ImageStore } from './store.ts'
export type { ImageFiles, StoredImage } from './stored-image.ts'
