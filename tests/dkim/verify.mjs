// Every message in a folder against its signatures, by mailauth.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';

const [folder, keys, sent] = process.argv.slice(2);
const records = new Map(
    JSON.parse(readFileSync(keys, 'utf8')).records.map(({ name, value }) => [name, value])
);
const resolver = async (name) => {
    const value = records.get(name);
    if (value) return [value.match(/.{1,255}/g)];
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};
const verdicts = async (message) => {
    const { results } = await dkimVerify(message, { resolver });
    return results.map(({ algo, status }) => `${algo} ${status.result}`).sort().join(', ');
};

const messages = readdirSync(folder).sort().map((name) => readFileSync(join(folder, name)));
if (messages.length !== Number(sent)) throw new Error(`${messages.length} of ${sent}`);
let wrong = 0;
for (const message of messages) {
    const said = await verdicts(message);
    if (said !== 'ed25519-sha256 pass, rsa-sha256 pass' && wrong++ < 3) console.log(said);
}
// A verifier that says yes to everything would prove nothing.
const forged = messages[0].toString('latin1').replace('Subject: ', 'Subject: Re: ');
const said = await verdicts(Buffer.from(forged, 'latin1'));
if (said.includes('pass')) throw new Error(`a forged message: ${said}`);
console.log(`mailauth: ${messages.length - wrong} of ${messages.length} messages, RSA and Ed25519`);
process.exit(wrong ? 1 : 0);
