package passkey

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Kinds of records.
const (
	kindKey      = "sign-in passkey"        // under the hash of the credential's ID
	kindHandle   = "sign-in passkey handle" // under the person's key
	kindSecret   = "sign-in passkey secret"
	kindAnswered = "sign-in passkey answered" // under the challenge's hash
)

// Expiring are the kinds of records that are removed when they are due.
func Expiring() []string { return []string{kindAnswered} }

// Errors of a Keys. Any other means that the store could not be asked.
var (
	// ErrStale: this browser has begun nothing of the kind, or too long ago.
	ErrStale = errors.New("passkey: this browser has begun nothing of the kind, or too long ago")
	// ErrRefused: the answer proves nothing.
	ErrRefused = errors.New("passkey: the answer proves nothing")
	// ErrFull: the person has as many as there may be.
	ErrFull = errors.New("passkey: a person has no room for one more")
	// ErrNone: there is no such passkey.
	ErrNone = errors.New("passkey: there is no such passkey")
	// ErrOff: public_url is no address that passkeys can belong to.
	ErrOff = errors.New("passkey: passkeys need a public_url with a host's name, by https")
)

// Options are a Keys' parts. All are required.
type Options struct {
	Records records.Store
	Now     func() time.Time
	People  func() *contacts.Directory // in force
	Public  func() *url.URL            // where people reach the daemon
}

// Keys has everybody's passkeys. It is safe for concurrent use.
type Keys struct {
	store   records.Store
	keys    records.Shelf[stored]
	handles records.Shelf[handle]
	secrets records.Shelf[secretValue]
	now     func() time.Time
	people  func() *contacts.Directory
	public  func() *url.URL
	shared  atomic.Pointer[string] // the daemons' secret, once it was read
}

// Key is a passkey as its person sees it.
type Key struct {
	ID      string
	Person  string
	Name    string
	Created time.Time
	Used    time.Time // zero: never
}

// stored is a passkey in its record.
type stored struct {
	Person     string              `json:"person"`
	Handle     []byte              `json:"handle"`
	Name       string              `json:"name"`
	Created    time.Time           `json:"created"`
	Used       time.Time           `json:"used,omitzero"`
	Credential webauthn.Credential `json:"credential"`
}

// handle is what a person is called on the person's authenticators: it says
// nothing.
type handle struct {
	Handle []byte `json:"handle"`
}

// New makes a Keys.
func New(o Options) *Keys {
	return &Keys{
		store:   o.Records,
		keys:    records.Shelf[stored]{Store: o.Records, Home: records.House, Kind: kindKey},
		handles: records.Shelf[handle]{Store: o.Records, Home: records.House, Kind: kindHandle},
		secrets: records.Shelf[secretValue]{Store: o.Records, Home: records.House, Kind: kindSecret},
		now:     o.Now, people: o.People, public: o.Public,
	}
}

// Possible reports whether passkeys can belong to the daemon's address.
func (k *Keys) Possible() bool {
	_, err := k.party()
	return err == nil
}

// party is the daemon as authenticators know it. Nothing but the host of
// public_url is one, by https; a machine's own name for itself by http too.
func (k *Keys) party() (*webauthn.WebAuthn, error) {
	u := k.public()
	if u == nil || u.Host == "" || (u.Scheme != "https" && u.Hostname() != "localhost") {
		return nil, ErrOff
	}
	host := strings.ToLower(u.Hostname())
	party, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Astreinte", RPOrigins: []string{u.Scheme + "://" + strings.ToLower(u.Host)},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOff, err)
	}
	return party, nil
}

// owner is a person as the ceremonies know one.
type owner struct {
	person  contacts.Person
	handle  []byte
	holding []webauthn.Credential
}

// WebAuthnID implements webauthn.User.
func (o *owner) WebAuthnID() []byte { return o.handle }

// WebAuthnName implements webauthn.User.
func (o *owner) WebAuthnName() string { return o.person.Key }

// WebAuthnDisplayName implements webauthn.User.
func (o *owner) WebAuthnDisplayName() string { return cmp.Or(o.person.Name, o.person.Key) }

// WebAuthnCredentials implements webauthn.User.
func (o *owner) WebAuthnCredentials() []webauthn.Credential { return o.holding }

func keyOf(credential []byte) string {
	sum := sha256.Sum256(credential)
	return hex.EncodeToString(sum[:])
}

// of are the records of a person's passkeys, the oldest first.
func (k *Keys) of(ctx context.Context, person string) ([]records.Item[stored], error) {
	all, err := k.keys.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("passkey: passkeys of %s: %w", person, err)
	}
	all = slices.DeleteFunc(all, func(i records.Item[stored]) bool { return i.Of.Person != person })
	slices.SortFunc(all, func(a, b records.Item[stored]) int { return a.Of.Created.Compare(b.Of.Created) })
	return all, nil
}

// List lists a person's passkeys, the oldest first.
func (k *Keys) List(ctx context.Context, person string) ([]Key, error) {
	all, err := k.of(ctx, person)
	list := make([]Key, len(all))
	for i := range all {
		of := &all[i].Of
		list[i] = Key{ID: all[i].Key, Person: of.Person, Name: of.Name, Created: of.Created, Used: of.Used}
	}
	return list, err
}

// Remove removes one of a person's passkeys, ErrNone if there is none.
func (k *Keys) Remove(ctx context.Context, person, id string) error {
	item, err := k.keys.Get(ctx, cmp.Or(id, "none"))
	if errors.Is(err, records.ErrNotFound) || err == nil && item.Of.Person != person {
		return ErrNone
	}
	if err == nil {
		_, err = k.store.Write(ctx, records.House, k.keys.Remove(id, records.Any))
	}
	if err != nil {
		return fmt.Errorf("passkey: remove a passkey of %s: %w", person, err)
	}
	return nil
}

// Owners are those who have a passkey, each as often.
func (k *Keys) Owners(ctx context.Context) (people []string, err error) {
	all, err := k.keys.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("passkey: who has one: %w", err)
	}
	for i := range all {
		people = append(people, all[i].Of.Person)
	}
	return people, nil
}

// RemoveAll removes all of a person's passkeys.
func (k *Keys) RemoveAll(ctx context.Context, person string) (removed int, err error) {
	all, err := k.of(ctx, person)
	for i := range all {
		if _, err := k.store.Write(ctx, records.House, k.keys.Remove(all[i].Key, records.Any)); err != nil {
			return removed, fmt.Errorf("passkey: remove the passkeys of %s: %w", person, err)
		}
		removed++
	}
	return removed, err
}

// handleOf is what a person is called on authenticators.
func (k *Keys) handleOf(ctx context.Context, person string) ([]byte, error) {
	item, err := k.handles.Get(ctx, person)
	if errors.Is(err, records.ErrNotFound) {
		fresh := make([]byte, 32)
		_, _ = rand.Read(fresh) // it never fails
		var w records.Write
		if w, err = k.handles.Put(person, 0, handle{fresh}); err != nil {
			return nil, err //nolint:wrapcheck // it names itself
		}
		if _, err = k.store.Write(ctx, records.House, w); err == nil || errors.Is(err, records.ErrConflict) {
			item, err = k.handles.Get(ctx, person)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("passkey: the handle of %s: %w", person, err)
	}
	return item.Of.Handle, nil
}

// BeginAdd is what a person's browser asks its authenticator for
// (PublicKeyCredentialCreationOptionsJSON), and what the browser keeps.
func (k *Keys) BeginAdd(ctx context.Context, p contacts.Person) (options []byte, kept string, err error) {
	party, err := k.party()
	if err != nil {
		return nil, "", err
	}
	who := owner{person: p}
	if who.handle, err = k.handleOf(ctx, p.Key); err != nil {
		return nil, "", err
	}
	has, err := k.of(ctx, p.Key)
	if err != nil {
		return nil, "", err
	}
	if len(has) >= ticket.MaxPasskeys {
		return nil, "", ErrFull
	}
	var not []protocol.CredentialDescriptor
	for i := range has {
		not = append(not, has[i].Of.Credential.Descriptor())
	}
	challenge, kept, err := k.challenge(ctx, toAdd, p.Key)
	if err != nil {
		return nil, "", err
	}
	asked, _, err := party.BeginRegistration(&who, webauthn.WithExclusions(not))
	if err != nil {
		return nil, "", fmt.Errorf("passkey: ask for a passkey of %s: %w", p.Key, err)
	}
	asked.Response.Challenge = challenge
	options, err = json.Marshal(asked.Response)
	if err != nil {
		return nil, "", fmt.Errorf("passkey: ask for a passkey of %s: %w", p.Key, err)
	}
	return options, kept, nil
}

// FinishAdd keeps the passkey that a person's authenticator has made.
func (k *Keys) FinishAdd(ctx context.Context, p contacts.Person, kept, name string, answer []byte) error {
	writes, err := k.Made(ctx, p, kept, name, answer)
	if err != nil {
		return err
	}
	return k.write(ctx, p.Key, writes...)
}

// Made is what is to be written of the passkey that a person's authenticator has made,
// all of it in one commit, which records.ErrConflict refuses if the same answer was
// given before.
func (k *Keys) Made(ctx context.Context, p contacts.Person, kept, name string, answer []byte) ([]records.Write, error) {
	party, err := k.party()
	if err != nil {
		return nil, err
	}
	challenge, err := k.expected(ctx, toAdd, p.Key, kept)
	if err != nil {
		return nil, err
	}
	who := owner{person: p}
	if who.handle, err = k.handleOf(ctx, p.Key); err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, refused(err)
	}
	made, err := party.CreateCredential(&who, k.ceremony(party, challenge, who.handle), parsed)
	if err != nil {
		return nil, refused(err)
	}
	has, err := k.of(ctx, p.Key)
	if err != nil {
		return nil, err
	}
	if len(has) >= ticket.MaxPasskeys {
		return nil, ErrFull
	}
	made.Attestation = webauthn.CredentialAttestation{} // nobody is asked to attest
	w, err := k.keys.Put(keyOf(made.ID), 0, stored{
		Person: p.Key, Handle: who.handle, Name: ticket.Cut(strings.ToValidUTF8(strings.TrimSpace(name), ""), ticket.MaxPasskeyName),
		Created: records.Instant(k.now()), Credential: *made,
	})
	return []records.Write{w, k.used(challenge)}, err //nolint:wrapcheck // it names itself
}

// ceremony is what the library would have kept of one.
func (k *Keys) ceremony(party *webauthn.WebAuthn, challenge, handle []byte) webauthn.SessionData {
	return webauthn.SessionData{
		Challenge: base64.RawURLEncoding.EncodeToString(challenge), RelyingPartyID: party.Config.RPID, UserID: handle,
		UserVerification: protocol.VerificationRequired, CredParams: webauthn.CredentialParametersDefault(),
	}
}

// write writes an answer's outcome with that its challenge was answered.
func (k *Keys) write(ctx context.Context, person string, writes ...records.Write) error {
	switch _, err := k.store.Write(ctx, records.House, writes...); {
	case errors.Is(err, records.ErrConflict):
		return fmt.Errorf("%w: it was given before", ErrRefused)
	case err != nil:
		return fmt.Errorf("passkey: keep what a passkey of %s answered: %w", person, err)
	}
	return nil
}

// BeginUse is what a browser asks its authenticator for
// (PublicKeyCredentialRequestOptionsJSON), whoever has it, and what the browser
// keeps.
func (k *Keys) BeginUse(ctx context.Context) (options []byte, kept string, err error) {
	party, err := k.party()
	if err != nil {
		return nil, "", err
	}
	challenge, kept, err := k.challenge(ctx, toUse, "")
	if err != nil {
		return nil, "", err
	}
	asked, _, err := party.BeginDiscoverableLogin(webauthn.WithChallenge(challenge))
	if err == nil {
		options, err = json.Marshal(asked.Response)
	}
	if err != nil {
		return nil, "", fmt.Errorf("passkey: ask for a passkey: %w", err)
	}
	return options, kept, nil
}

// FinishUse is the person whose authenticator has answered.
func (k *Keys) FinishUse(ctx context.Context, kept string, answer []byte) (person string, err error) {
	person, writes, err := k.Proved(ctx, kept, answer)
	if err != nil {
		return "", err
	}
	return person, k.write(ctx, person, writes...)
}

// Proved is the person whose authenticator has answered, and what is to be written of
// that, all of it in one commit with what follows from it. records.ErrConflict refuses
// it if the answer was given before, or the passkey was removed meanwhile.
func (k *Keys) Proved(ctx context.Context, kept string, answer []byte) (person string, writes []records.Write, err error) {
	party, err := k.party()
	if err != nil {
		return "", nil, err
	}
	challenge, err := k.expected(ctx, toUse, "", kept)
	if err != nil {
		return "", nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return "", nil, refused(err)
	}
	item, err := k.keys.Get(ctx, keyOf(parsed.RawID))
	if errors.Is(err, records.ErrNotFound) {
		return "", nil, fmt.Errorf("%w: there is no such passkey", ErrRefused)
	}
	if err != nil {
		return "", nil, fmt.Errorf("passkey: find a passkey: %w", err)
	}
	of := &item.Of
	p, known := k.people().Person(of.Person)
	if !known {
		return "", nil, fmt.Errorf("%w: it is of %q, who is no longer configured", ErrRefused, of.Person)
	}
	who := &owner{person: p, handle: of.Handle, holding: []webauthn.Credential{of.Credential}}
	used, err := party.ValidateDiscoverableLogin(func(id, handle []byte) (webauthn.User, error) {
		if !bytes.Equal(id, of.Credential.ID) || !bytes.Equal(handle, of.Handle) {
			return nil, ErrNone
		}
		return who, nil
	}, k.ceremony(party, challenge, nil), parsed)
	if err != nil {
		return "", nil, refused(err)
	}
	if used.Authenticator.CloneWarning {
		return "", nil, fmt.Errorf("%w: its counter went back, so that there are two of it", ErrRefused)
	}
	of.Credential, of.Used = *used, records.Instant(k.now())
	w, err := k.keys.Put(item.Key, item.Revision, *of)
	if err != nil {
		return "", nil, err //nolint:wrapcheck // it names itself
	}
	return p.Key, []records.Write{w, k.used(challenge)}, nil
}

// refused is the library's error as ours, with what it says to developers.
func refused(err error) error {
	detail := err.Error()
	if known := (*protocol.Error)(nil); errors.As(err, &known) {
		detail = known.Details + ": " + known.DevInfo
	}
	return fmt.Errorf("%w: %s", ErrRefused, ticket.Logged(detail))
}
