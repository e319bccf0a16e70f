import type { PapersProtocol } from './papers/papers-protocol.js'
import { papersService } from './papers/papers-service.js'
import { serve } from './rpc/serve.js'

serve<PapersProtocol>(papersService())
