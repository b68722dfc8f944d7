export { parseReference } from './reference.ts'
export { createImageStore, type ImageStore, type StoredImage } from './store.ts'
