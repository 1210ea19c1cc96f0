import { printMetrics } from '../src/metrics/print.ts'

process.stdout.write(printMetrics())
