/** Storage as a browser has it that blocks it, as in some private windows. */
Object.defineProperty(globalThis, 'indexedDB', {
  get() {
    throw new DOMException('The operation is insecure.', 'SecurityError')
  },
})
