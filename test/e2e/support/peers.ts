import { describe } from '@jest/globals'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { repository } from './process.ts'

export type PeerName = 'synapse' | 'snac' | 'apex' | 'fedify' | 'chromium'

const stamps: Readonly<Record<PeerName, string>> = {
  synapse: '.cache/peers/synapse/.installed',
  snac: '.cache/peers/snac/.installed',
  apex: 'test/peers/apex/node_modules/.installed',
  fedify: 'test/peers/fedify/node_modules/.installed',
  chromium: '/usr/bin/chromium',
}

/** `describe` where these peers are installed; elsewhere its tests count as skipped. */
export function describeWith(names: readonly PeerName[], title: string, body: () => void): void {
  const missing = names.filter((name) => !existsSync(path.resolve(repository, stamps[name])))
  if (missing.length === 0) describe(title, body)
  else describe.skip(`${title} (not installed: ${missing.join(', ')})`, body)
}
