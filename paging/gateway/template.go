package gateway

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // gateways ask for it
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// sum is a digest. It prints in hex; base64 takes its bytes.
type sum []byte

// String is the sum in lower-case hex.
func (s sum) String() string { return hex.EncodeToString(s) }

// functions are those of templates, besides text/template's own (urlquery,
// printf, …). docs/OPERATIONS.md lists them.
var functions = template.FuncMap{
	"json":            jsonText,
	"xml":             xmlText,
	"digits":          digits,
	"international00": func(number string) string { return "00" + digits(number) },
	"md5":             func(s any) sum { b := md5.Sum(raw(s)); return b[:] },  //nolint:gosec // the gateway's choice
	"sha1":            func(s any) sum { b := sha1.Sum(raw(s)); return b[:] }, //nolint:gosec // likewise
	"sha256":          func(s any) sum { b := sha256.Sum256(raw(s)); return b[:] },
	"sha512":          func(s any) sum { b := sha512.Sum512(raw(s)); return b[:] },
	"hmac_sha1":       func(key, s any) sum { return mac(sha1.New, key, s) },
	"hmac_sha256":     func(key, s any) sum { return mac(sha256.New, key, s) },
	"hmac_sha512":     func(key, s any) sum { return mac(sha512.New, key, s) },
	"hex":             func(s any) string { return hex.EncodeToString(raw(s)) },
	"base64":          func(s any) string { return base64.StdEncoding.EncodeToString(raw(s)) },
	"unix":            func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) },
	"rfc3339":         func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
}

func raw(v any) []byte {
	switch v := v.(type) {
	case sum:
		return v
	case string:
		return []byte(v)
	}
	return []byte(fmt.Sprint(v))
}

func mac(h func() hash.Hash, key, s any) sum {
	m := hmac.New(h, raw(key))
	m.Write(raw(s))
	return m.Sum(nil)
}

// digits are the digits of a number: 33612345601.
func digits(number string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, number)
}

// jsonText is a value in JSON, a text with its quotes.
func jsonText(v any) (string, error) {
	if s, ok := v.(sum); ok {
		v = s.String()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", errors.New("no JSON can be made of it")
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func xmlText(v any) (string, error) {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, raw(v)); err != nil {
		return "", errors.New("no XML can be made of it")
	}
	return b.String(), nil
}

func parseTemplate(text string) (*template.Template, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(functions).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("not a template: %s", strings.TrimPrefix(err.Error(), "template: :"))
	}
	return t, nil
}

// render executes a template. Its error may quote what it was given.
func render(t *template.Template, data map[string]any) (string, error) {
	if t == nil {
		return "", nil
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return "", fmt.Errorf("the template fails: %s", strings.TrimPrefix(err.Error(), "template: :"))
	}
	if strings.Contains(b.String(), "%!") && strings.Contains(t.Root.String(), "printf") {
		return "", errors.New("the template fails: what printf is given does not fit its format")
	}
	return b.String(), nil
}
