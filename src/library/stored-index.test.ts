import { test } from 'vitest'
import { IdbIndexStore } from './idb-index-store.js'
import { MemoryIndexStore } from './memory-index-store.js'
import { StoredIndex } from './stored-index.js'

test.skip('x', () => void [StoredIndex, IdbIndexStore, MemoryIndexStore])

import './library-service.js'
import '../workers/library.js'
