import { expect, test } from '@jest/globals'
import { troubleOfHomeserver } from '../../src/matrix/probe.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'

const away = (message: string) => new TransientError(message, { of: 'homeserver' })

test.each([
  [away('POST client/v3/register: no answer'), 'homeserver-unreachable'],
  [away('POST client/v3/register: 401 M_UNKNOWN_TOKEN'), 'registration-not-loaded'],
  [away('POST client/v3/register: 404 without errcode'), 'not-a-homeserver'],
  [new RejectedError('POST client/v3/register: 400 M_EXCLUSIVE'), 'bot-taken'],
  [
    new RejectedError('PUT x: 400 M_UNKNOWN User is not hosted on this homeserver'),
    'wrong-server-name',
  ],
  [away('POST client/v1/appservice/x/ping: 502 M_CONNECTION_FAILED'), 'homeserver-cannot-reach-us'],
  [away('POST client/v1/appservice/x/ping: 502 M_BAD_STATUS'), 'another-bridge'],
  [new RejectedError('POST client/v3/register: 403 M_FORBIDDEN'), 'homeserver-refused'],
])('%s is told on the page of %s', (error, trouble) => {
  expect(troubleOfHomeserver(error)).toBe(trouble)
})
