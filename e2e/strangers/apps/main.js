import { tryPackage } from './try-package.js'

window.result = tryPackage(window.options).catch((error) => ({ error: String(error) }))
