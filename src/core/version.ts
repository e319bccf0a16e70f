/** The version of the package, which page, workers and served files must share. The same as in package.json. */
export const VERSION = '0.1.0'
