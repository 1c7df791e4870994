// A real OpenID Connect issuer (oidc-provider) with the clients that the registry's tests sign in as. It says where it
// serves in one line on standard output, and serves until it is ended.
//
//   node issuer.mjs CERTIFICATE-FILE KEY-FILE [PORT]

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

// A client gets tokens in its own name: what they say of its roles, and how they are signed.
const clients = {
  vera: { roles: ['viewer'], alg: 'RS256' },
  ana: { roles: ['analyst', 'offline_access'], alg: 'ES256' },
  paul: { roles: ['approver'], alg: 'PS256' },
  otto: { roles: 'openid auditor', alg: 'EdDSA' },
  nobody: { roles: [], alg: 'RS256' },
};

const keys = [];
for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  keys.push({ ...(await exportJWK(privateKey)), alg, use: 'sig' });
}

const [certificate, key, port = '0'] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `https://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: Object.keys(clients).map((client_id) => ({
      client_id,
      client_secret: `secret of ${client_id}`,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    })),
    jwks: { keys },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
    extraTokenClaims: (_, { clientId }) => {
      const { roles } = clients[clientId];
      return { roles, registry: { roles } };
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource, client) => ({
          scope: 'registry',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: clients[client.clientId].alg } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
