import { expect } from 'chai';
import { tokenBucket } from '../../src/app/orders-service.ts';
import { isDefiniteFailure, isDoubtfulNotice } from '../../src/app/write-failure.ts';

describe('write failure', () => {
  const definite = (code: string, severity: string) => isDefiniteFailure({ code, severity });

  it('is definite when the server answered with an error of its own', () => {
    expect(definite('25006', 'ERROR')).to.equal(true);
    expect(definite('57014', 'ERROR')).to.equal(true);
  });

  it('is not definite when the server was shutting down', () => {
    for (const code of ['57P01', '57P02', '57P03']) expect(definite(code, 'ERROR')).to.equal(false);
  });

  it('is not definite when the session ended or the connection was lost', () => {
    expect(definite('57P01', 'FATAL')).to.equal(false);
    expect(definite('53100', 'PANIC')).to.equal(false);
    expect(isDefiniteFailure(new Error('Query read timeout'))).to.equal(false);
    expect(isDefiniteFailure(Object.assign(new Error(), { code: 'ECONNRESET' }))).to.equal(false);
  });

  it('is not definite when a pooler speaks of its connection, whatever it calls that', () => {
    expect(definite('08P01', 'ERROR')).to.equal(false);
    expect(definite('08006', 'ERROR')).to.equal(false);
  });

  it('takes a warning as a doubt and a notice not', () => {
    expect(isDoubtfulNotice({ severity: 'WARNING', code: '01000' })).to.equal(true);
    expect(isDoubtfulNotice({ severity: 'NOTICE', code: '00000' })).to.equal(false);
  });
});

describe('token bucket', () => {
  const taken = (take: (now_ms: number) => boolean, now_ms: number) => {
    let count = 0;
    while (count < 1000 && take(now_ms)) count += 1;
    return count;
  };

  it('allows a burst of a quarter of a second, then the stated rate', () => {
    const take = tokenBucket(200);
    expect(taken(take, 0)).to.equal(50);
    expect(taken(take, 100)).to.equal(20);
    expect(taken(take, 10_000)).to.equal(50);
  });

  it('lets something through however small the rate is', () => {
    const take = tokenBucket(1);
    expect(taken(take, 0)).to.equal(1);
    expect(taken(take, 999)).to.equal(0);
    expect(taken(take, 1000)).to.equal(1);
  });
});
