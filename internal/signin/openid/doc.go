// Package openid finds out who somebody is from an identity provider (OpenID
// Connect Core 1.0, authorization code flow with PKCE).
//
// [Provider.Begin] says where a browser is sent, and gives it something to keep.
// State, nonce and code verifier are made of what it keeps, so that an answer
// counts in the browser alone that asked for it, for ten minutes, on whatever
// daemon. Nothing is stored for who only begins.
//
// [Provider.Finish] finds the person. The first time that is the one person with
// the verified address; from then on, whoever the provider's own name for
// somebody (issuer and subject) was bound to. An address that the provider gives
// to somebody else later opens nothing. Nobody is created.
package openid
