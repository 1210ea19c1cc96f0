import type { Clock } from '../../src/model/clock.ts'
import type { Http } from '../../src/model/http.ts'
import { createSchemes, createSignedHttp } from '../../src/activitypub/signed-http.ts'
import { signRequest } from '../../src/activitypub/signature.ts'

/** Signs synchronously, and remembers schemes in `marks`. */
export function signedHttpOf(http: Http, clock: Clock, marks = new Map<string, string>()) {
  const schemes = createSchemes({
    findMark: async (key) => marks.get(key),
    setMark: async (key, value) => void marks.set(key, value),
    clock,
  })
  return createSignedHttp({ http, sign: signRequest, schemes, clock })
}
