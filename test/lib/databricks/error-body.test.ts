import { describe, expect, it } from 'vitest'
import { looksLikeHtml, readErrorBody } from '../../../src/lib/databricks/error-body.ts'
import { fixture } from '../../support/fixtures.ts'

describe('readErrorBody', () => {
  it.each([
    [
      'the usual envelope',
      { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No such space' },
      'RESOURCE_DOES_NOT_EXIST',
      'No such space',
    ],
    ['a code that is a number', { error_code: 403, message: 'Invalid access token.' }, '403', 'Invalid access token.'],
    ['a message alone', { message: 'Endpoint not found' }, undefined, 'Endpoint not found'],
    ['API 1.2', { error: 'ContextNotFound' }, undefined, 'ContextNotFound'],
    ['SCIM', { detail: 'User not found', status: '404', scimType: 'noTarget' }, 'noTarget', 'User not found'],
    [
      'OAuth',
      { error: 'invalid_client', error_description: 'Client authentication failed' },
      'invalid_client',
      'Client authentication failed',
    ],
    [
      'OAuth of identity providers',
      { errorCode: 'E0000004', errorSummary: 'Authentication failed' },
      'E0000004',
      'Authentication failed',
    ],
    [
      'chat completions',
      { error: { message: 'Bad schema', type: 'invalid_request_error', code: null } },
      'invalid_request_error',
      'Bad schema',
    ],
    [
      'a code without type',
      { error: { message: 'Too long', code: 'context_length_exceeded' } },
      'context_length_exceeded',
      'Too long',
    ],
    [
      'validation of Python servers',
      { detail: [{ loc: ['body', 'n'], msg: 'wrong' }] },
      undefined,
      '[{"loc":["body","n"],"msg":"wrong"}]',
    ],
    ['nothing we know', { ok: false }, undefined, 'no message'],
  ])('reads %s', (_shape, body, errorCode, message) => {
    expect(readErrorBody(JSON.stringify(body))).toEqual({ message, ...(errorCode ? { errorCode } : {}) })
  })

  it.each([
    ['an empty body', '', undefined, 'empty body'],
    ['plain text with a code', 'INVALID_STATE: Endpoint is\n stopped', 'INVALID_STATE', 'Endpoint is stopped'],
    ['plain text', 'upstream connect error', undefined, 'upstream connect error'],
    [
      'a page with a pre',
      '<html><title>Error 500</title><body><pre>  Some <b>fault</b> </pre></body></html>',
      undefined,
      'Some fault',
    ],
    ['a page with a title', '<!DOCTYPE html><html><title>502 Bad Gateway</title></html>', undefined, '502 Bad Gateway'],
    ['JSON that is no object', '[1,2]', undefined, '[1,2]'],
  ])('reads %s', (_shape, body, errorCode, message) => {
    expect(readErrorBody(body)).toEqual({ message, ...(errorCode ? { errorCode } : {}) })
  })

  it("reads the wait from Google's RetryInfo and from a model's limit", () => {
    expect(readErrorBody(JSON.stringify(fixture('databricks/error-rate-limit-workspace')))).toMatchObject({
      errorCode: 'REQUEST_LIMIT_EXCEEDED',
      retryAfterMs: 7500,
    })
    expect(readErrorBody(JSON.stringify(fixture('databricks/error-rate-limit-model')))).toMatchObject({
      errorCode: 'rate_limit_exceeded',
      retryAfterMs: 15_000,
    })
  })

  it('keeps what it can read when other fields have unknown forms', () => {
    const body = { error_code: ['x'], message: 'Readable', details: ['?', { retry_delay: 'soon' }], error: 7 }

    expect(readErrorBody(JSON.stringify(body))).toEqual({ message: 'Readable' })
  })

  it('shortens long vendor text to one line', () => {
    const { message } = readErrorBody(JSON.stringify({ message: 'long\n'.repeat(500) }))

    expect(message).toHaveLength(300)
    expect(message).not.toContain('\n')
  })
})

describe('looksLikeHtml', () => {
  it('tells pages from text and JSON', () => {
    expect(looksLikeHtml('\n <!doctype HTML><p>')).toBe(true)
    expect(looksLikeHtml('<html lang="en">')).toBe(true)
    expect(looksLikeHtml('{"a":"<html>"}')).toBe(false)
    expect(looksLikeHtml('<htmlish>')).toBe(false)
  })
})
