import type { LibraryProtocol } from './library/library-protocol.js'
import { libraryService } from './library/library-service.js'
import { isScanThread, runScanThread, scanThreadStarter } from './library/scan-thread.js'
import { serve } from './rpc/serve.js'

if (isScanThread()) runScanThread()
else serve<LibraryProtocol>(libraryService(scanThreadStarter()))
