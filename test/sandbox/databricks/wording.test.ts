import { describe, expect, it } from 'vitest'
import type { ListedFact } from '../../../sandbox/databricks/analyst/prompt.ts'
import { wordingFor } from '../../../sandbox/databricks/analyst/wording.ts'

const growth = (label: string): ListedFact => ({ id: 'F1', label, value: '12%', kind: 'growth' })

describe('what the sandbox’s chat model says of growth', () => {
  it('names the member that grew, and nobody where the whole did', () => {
    const { sentence } = wordingFor('en')

    expect(sentence(growth('Growth of revenue, EMEA, Oct 2023 to Dec 2023'))).toBe(
      'EMEA: revenue grew by {F1} from Oct 2023 to Dec 2023',
    )
    expect(sentence(growth('Growth of revenue, Oct 2023 to Dec 2023'))).toBe(
      'Revenue grew by {F1} from Oct 2023 to Dec 2023',
    )
  })

  it('says the same in German', () => {
    const { sentence } = wordingFor('de')

    expect(sentence(growth('Growth of revenue, Oct 2023 to Dec 2023'))).toBe(
      'Revenue stieg von Oct 2023 bis Dec 2023 um {F1}',
    )
  })
})
