import { Buffer } from 'buffer/index.js'

window.Buffer = Buffer
window.process = { env: {}, browser: true, version: '', nextTick: (work) => queueMicrotask(work) }
