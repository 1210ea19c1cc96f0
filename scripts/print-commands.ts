import { printCommands } from '../src/commands/print.ts'

/** `npm run print:commands` writes docs/commands.md by it. */
process.stdout.write(printCommands())
