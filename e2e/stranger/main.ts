import * as specter2 from 'specter2-web'

/** How a promise was rejected, as plain data. */
export interface Rejection {
  /** The package's class of the error, by `instanceof`. */
  kind: 'Specter2Error' | 'InvalidArgumentError' | 'other'
  name: string
  message: string
  code: string | null
  field: string | null
  retryable: boolean | null
  details: specter2.ErrorDetails | null
}

declare global {
  interface Window {
    specter2: typeof specter2
    /** How a promise is rejected; `null` if it is not. */
    rejection: (promise: Promise<unknown>) => Promise<Rejection | null>
    /** The result of an IndexedDB request. */
    request: <T>(request: IDBRequest<T>) => Promise<T>
  }
}

window.specter2 = specter2

window.rejection = async (promise) => {
  try {
    await promise
    return null
  } catch (error) {
    const { name, message } = error as Error
    if (error instanceof specter2.Specter2Error) {
      const { code, retryable, details } = error
      return { kind: 'Specter2Error', name, message, code, field: null, retryable, details }
    }
    if (error instanceof specter2.InvalidArgumentError && error instanceof TypeError) {
      const { code, field } = error
      return { kind: 'InvalidArgumentError', name, message, code, field, retryable: null, details: null }
    }
    return { kind: 'other', name, message, code: null, field: null, retryable: null, details: null }
  }
}

window.request = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
