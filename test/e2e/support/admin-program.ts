import { execFile } from 'node:child_process'
import path from 'node:path'
import { repository } from './process.ts'

/** What `footbridge admin …` came to: its exit code, and all that it printed. */
export type Said = { readonly code: number; readonly text: string }

/** Runs `footbridge admin` beside the bridge of that configuration. */
export const runAdmin = (configPath: string, words: readonly string[]): Promise<Said> =>
  new Promise((resolve) => {
    const args = [path.join(repository, 'bin/footbridge.js'), 'admin', '-c', configPath, ...words]
    const env = { PATH: process.env['PATH'] ?? '' }
    execFile(process.execPath, args, { env, timeout: 60_000 }, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1
      resolve({ code, text: out + err })
    })
  })
