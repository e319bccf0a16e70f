import { test } from 'vitest'
import * as a from './index-file.js'
import * as b from './npy.js'
import * as c from './parquet.js'

test.skip('x', () => void [a, b, c])
