import type { LibraryProtocol } from './library/library-protocol.js'
import { libraryService } from './library/library-service.js'
import { beScanThread, isScanThread, scanThreadStarter } from './library/scan-thread.js'
import { serve } from './rpc/serve.js'

if (isScanThread()) beScanThread()
else serve<LibraryProtocol>(libraryService(scanThreadStarter()))
