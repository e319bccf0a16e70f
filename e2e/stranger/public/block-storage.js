/** Blocks storage, as some private windows do. */
Object.defineProperty(globalThis, 'indexedDB', {
  get() {
    throw new DOMException('The operation is insecure.', 'SecurityError')
  },
})
