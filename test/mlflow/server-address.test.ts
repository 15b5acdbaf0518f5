import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/lib/secret.ts'
import { parseServerAddress, traceUrl } from '../../src/mlflow/server-address.ts'

describe('parseServerAddress', () => {
  it.each([
    ['http://127.0.0.1:5000', 'http://127.0.0.1:5000'],
    ['http://127.0.0.1:5000/', 'http://127.0.0.1:5000'],
    ['https://mlflow.example/base/', 'https://mlflow.example/base'],
    ['https://ann:p%40ss@mlflow.example', 'https://mlflow.example'],
  ])('reads %s', (trackingUri, baseUrl) => {
    expect(parseServerAddress(trackingUri, {})?.baseUrl).toBe(baseUrl)
  })

  it('takes credentials from the address, and decodes them', () => {
    const address = parseServerAddress('https://ann:p%40ss@mlflow.example', {})

    expect(address?.authorization?.reveal()).toBe(`Basic ${btoa('ann:p@ss')}`)
  })

  it('counts an empty user name or token as none', () => {
    const address = parseServerAddress('https://mlflow.example', {
      username: '',
      password: new Secret(''),
      token: new Secret(''),
    })

    expect(address?.authorization).toBeUndefined()
  })

  it.each(['databricks', 'databricks://profile', 'sqlite:///mlflow.db', './mlruns', ''])(
    'is undefined for %j',
    (uri) => {
      expect(parseServerAddress(uri, {})).toBeUndefined()
    },
  )
})

describe('traceUrl', () => {
  it('carries both parameters, encoded', () => {
    expect(traceUrl('http://h', '7', 'trace:/a.b/1')).toBe(
      'http://h/#/experiments/7/traces?selectedEvaluationId=trace%3A%2Fa.b%2F1&traceId=trace%3A%2Fa.b%2F1',
    )
  })
})
