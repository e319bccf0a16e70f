import * as specter2 from 'specter2-web'

/** How a promise was rejected, as plain data. */
export interface Rejection {
  /** Which of the package's classes it is, by `instanceof`. */
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
    /** `null` where it was not rejected. */
    rejection: (promise: Promise<unknown>) => Promise<Rejection | null>
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
