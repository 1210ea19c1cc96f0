import { isIP } from 'node:net'
import { connect, type PeerCertificate } from 'node:tls'
import type { Certificate } from '../model/machine.ts'

const timeout = 10_000

const namesIn = (list: string | undefined): readonly string[] =>
  (list ?? '').split(', ').flatMap((name) => (name === '' ? [] : [name.replace(/^DNS:/, '')]))

/**
 * The certificate that a server shows, whether it is good or not. Nothing is sent. Never rejects:
 * `silent` says why there is none to see.
 */
export function lookAtCertificate(
  host: string,
  port: number,
): Promise<Certificate | { readonly silent: string }> {
  return new Promise((resolve) => {
    // What is wrong with it is to be told, not to end the connection.
    const options = { host, port, rejectUnauthorized: false, timeout }
    const socket = connect(isIP(host) === 0 ? { ...options, servername: host } : options)
    const end = (found: Certificate | { readonly silent: string }): void => {
      socket.destroy()
      resolve(found)
    }
    socket.once('secureConnect', () => {
      // Empty where none was shown.
      const shown: Partial<PeerCertificate> = socket.getPeerCertificate()
      // Node gives the code, whatever its types say.
      const refusal = socket.authorized ? {} : { refusal: String(socket.authorizationError) }
      const common = [shown.subject?.CN ?? []].flat()
      const names = namesIn(shown.subjectaltname)
      end({
        ...refusal,
        names: names.length > 0 ? names : common,
        validFrom: Date.parse(shown.valid_from ?? ''),
        validTo: Date.parse(shown.valid_to ?? ''),
      })
    })
    socket.once('timeout', () => end({ silent: `no answer within ${timeout / 1000} seconds` }))
    socket.once('error', (error: Error) => end({ silent: error.message }))
  })
}
