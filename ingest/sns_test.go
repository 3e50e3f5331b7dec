package ingest

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// amazon signs as SNS does, with a key of its own.
type amazon struct {
	t       *testing.T
	key     *rsa.PrivateKey
	pem     []byte
	fetched []string
	err     error
}

func newAmazon(t *testing.T) *amazon {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: now.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &amazon{t: t, key: key, pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

func (a *amazon) fetch(_ context.Context, link string) ([]byte, error) {
	a.fetched = append(a.fetched, link)
	return a.pem, a.err
}

// sign signs a message that begins as a fixture, in one of the two versions.
func (a *amazon) sign(version, body string, change map[string]string) string {
	a.t.Helper()
	var m map[string]string
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		a.t.Fatal(err)
	}
	m["SignatureVersion"] = version
	after := map[string]string{}
	for name, with := range change {
		if into, ok := strings.CutPrefix(name, "after "); ok {
			after[into] = with
			continue
		}
		m[name] = with
	}
	whole, err := json.Marshal(m)
	if err != nil {
		a.t.Fatal(err)
	}
	text := []byte(snsMessage{valueOf(a.t, string(whole)).object(snsFields...)}.signed())
	hash, sum := crypto.SHA256, sha256.Sum256(text)
	digest := sum[:]
	if version == "1" {
		short := sha1.Sum(text)
		hash, digest = crypto.SHA1, short[:]
	}
	signature, err := rsa.SignPKCS1v15(nil, a.key, hash, digest)
	if err != nil {
		a.t.Fatal(err)
	}
	m["Signature"] = base64.StdEncoding.EncodeToString(signature)
	for name, with := range after {
		m[name] = with
	}
	signed, err := json.Marshal(m)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(signed)
}

func (a *amazon) handler(tk *taker, confirm func(context.Context, string, string) error) *Handler {
	return newHandler(tk, func(o *Options) {
		o.Fetch, o.Confirm = a.fetch, confirm
		o.Sources = []Source{{Name: "aws", Type: TypeCloudWatch, Token: "s3cr3t", MaxBody: 1 << 20}}
	})
}

// TestTheSigned: the text that is signed is the one of SNS's documentation.
func TestTheSigned(t *testing.T) {
	body := `{"Type":"Notification","Message":" a\nb ","MessageId":"m","Subject":"s","Timestamp":"t","TopicArn":"arn","Token":"x"}`
	if got := (snsMessage{valueOf(t, body).object(snsFields...)}).signed(); got != "Message\n a\nb \nMessageId\nm\nSubject\ns\nTimestamp\nt\nTopicArn\narn\nType\nNotification\n" {
		t.Errorf("%q", got)
	}
	body = `{"Type":"SubscriptionConfirmation","Message":"a","MessageId":"m","SubscribeURL":"u","Timestamp":"t","TopicArn":"arn","Token":"x"}`
	if got := (snsMessage{valueOf(t, body).object(snsFields...)}).signed(); got != "Message\na\nMessageId\nm\nSubscribeURL\nu\nTimestamp\nt\nToken\nx\nTopicArn\narn\nType\nSubscriptionConfirmation\n" {
		t.Errorf("%q", got)
	}
}

// TestSignatures: only what SNS signed is taken; its certificate is fetched
// once, and from SNS alone.
func TestSignatures(t *testing.T) {
	a := newAmazon(t)
	alarm := fixture(t, "cloudwatch-sns-alarm.json")
	for name, tt := range map[string]struct {
		version string
		change  map[string]string
		status  int
		says    string
	}{
		"version 1":             {"1", nil, 200, `"accepted":1`},
		"version 2":             {"2", nil, 200, `"accepted":1`},
		"version 3":             {"3", nil, 400, "neither 1 nor 2"},
		"another message":       {"2", map[string]string{"after Message": "{}"}, 400, "signature is wrong"},
		"another subject":       {"2", map[string]string{"after Subject": "x"}, 400, "signature is wrong"},
		"no signature":          {"2", map[string]string{"after Signature": ""}, 400, "no signature"},
		"no base64":             {"2", map[string]string{"after Signature": "%"}, 400, "no signature"},
		"a host that is like":   {"2", map[string]string{"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.example.net/x.pem"}, 400, "no certificate of SNS"},
		"a user before it":      {"2", map[string]string{"SigningCertURL": "https://sns.eu-west-1.amazonaws.com@example.net/x.pem"}, 400, "no certificate of SNS"},
		"a question":            {"2", map[string]string{"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/?Action=GetTopicAttributes&x=.pem"}, 400, "no certificate of SNS"},
		"a port":                {"2", map[string]string{"SigningCertURL": "https://sns.eu-west-1.amazonaws.com:99/x.pem"}, 400, "no certificate of SNS"},
		"without TLS":           {"2", map[string]string{"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/x.pem"}, 400, "no certificate of SNS"},
		"a bucket of somebody":  {"2", map[string]string{"SigningCertURL": "https://s3.eu-west-1.amazonaws.com/x.pem"}, 400, "no certificate of SNS"},
		"a name that is a host": {"2", map[string]string{"SigningCertURL": "https://sns.amazonaws.com/x.pem"}, 400, "no certificate of SNS"},
		"China":                 {"2", map[string]string{"SigningCertURL": "https://sns.cn-north-1.amazonaws.com.cn/x.pem"}, 200, `"accepted":1`},
	} {
		tk := &taker{}
		h := a.handler(tk, nil)
		for range 2 {
			w := post(t, h, "/ingest/aws", a.sign(tt.version, alarm, tt.change), func(r *http.Request) { r.Header.Set("Content-Type", "text/plain; charset=UTF-8") })
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) || len(tk.batches) > 0 != (tt.status == 200) {
				t.Errorf("%s: %d %s, %d batches", name, w.Code, w.Body, len(tk.batches))
			}
		}
	}
	for _, link := range a.fetched {
		if !snsAddress(link) {
			t.Errorf("%s was fetched", link)
		}
	}
	a.fetched = nil
	h := a.handler(&taker{}, nil)
	for range 3 {
		post(t, h, "/ingest/aws", a.sign("2", alarm, nil))
	}
	if len(a.fetched) != 1 {
		t.Errorf("fetched %v", a.fetched)
	}
	a.err = errors.New("no way out")
	if w := post(t, a.handler(&taker{}, nil), "/ingest/aws", a.sign("2", alarm, nil)); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "way out") {
		t.Errorf("no certificate to be had: %d %s", w.Code, w.Body)
	}
	a.err, a.pem = nil, []byte("no certificate")
	if w := post(t, a.handler(&taker{}, nil), "/ingest/aws", a.sign("2", alarm, nil)); w.Code != http.StatusBadRequest {
		t.Errorf("no certificate: %d %s", w.Code, w.Body)
	}
}

// TestSubscriptions: one is written down to be confirmed, at SNS alone; if it
// cannot be written down, SNS is asked to send it again.
func TestSubscriptions(t *testing.T) {
	a := newAmazon(t)
	body := fixture(t, "sns-subscription-confirmation.json")
	var noted []string
	var fails error
	h := a.handler(&taker{}, func(_ context.Context, source, link string) error {
		noted = append(noted, source+" "+link)
		return fails
	})
	if w := post(t, h, "/ingest/aws", a.sign("1", body, nil)); w.Code != http.StatusOK || len(noted) != 1 || !strings.HasPrefix(noted[0], "aws https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&") {
		t.Errorf("%d %s, %v", w.Code, w.Body, noted)
	}
	for _, other := range []string{
		"https://169.254.169.254/?Action=ConfirmSubscription", "https://sns.eu-west-1.amazonaws.com/?Action=Publish&Message=x",
		"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:1:another&Token=x",
	} {
		if w := post(t, h, "/ingest/aws", a.sign("1", body, map[string]string{"SubscribeURL": other})); w.Code != http.StatusBadRequest || len(noted) != 1 {
			t.Errorf("%s: %d, noted %d", other, w.Code, len(noted))
		}
	}
	if w := post(t, h, "/ingest/aws", a.sign("1", body, map[string]string{"SubscribeURL": "https://169.254.169.254/?Action=ConfirmSubscription"})); w.Code != http.StatusBadRequest || len(noted) != 1 {
		t.Errorf("elsewhere: %d %s, %v", w.Code, w.Body, noted)
	}
	if w := post(t, h, "/ingest/aws", body); w.Code != http.StatusBadRequest || len(noted) != 1 {
		t.Errorf("somebody else's signature: %d %s, %v", w.Code, w.Body, noted)
	}
	fails = errors.New("the store is away")
	if w := post(t, h, "/ingest/aws", a.sign("1", body, nil)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("not written down: %d %s", w.Code, w.Body)
	}
}

func cloudWatchCases() []typed {
	const file = "@cloudwatch-sns-alarm.json"
	return []typed{
		{"an alarm", file, `firing "try.alerta.io bucketbytesAlarm" error key 1234567890%2Feu-west-1%2FbucketbytesAlarm from 2019-02-15T23:53:45.093`},
		{"it is over", file + `|\"NewStateValue\":\"ALARM\"=>\"NewStateValue\":\"OK\"`, `resolved "try.alerta.io bucketbytesAlarm" error key 1234567890%2Feu-west-1%2FbucketbytesAlarm to 2019-02-15T23:53:45.093`},
		{
			"no data", file + `|\"NewStateValue\":\"ALARM\"=>\"NewStateValue\":\"INSUFFICIENT_DATA\"|Threshold Crossed: 1 datapoint [1062305.0 (14/02/19 23:53:00)] was greater than or equal to the threshold (0.0).=>few`,
			`unsaid "try.alerta.io bucketbytesAlarm" error key 1234567890%2Feu-west-1%2FbucketbytesAlarm noted by "" "INSUFFICIENT_DATA": few`,
		},
		{"by its ARN", file + `|\"AlarmDescription\"=>\"AlarmArn\":\"arn:aws:x\",\"AlarmDescription\"`, `firing "try.alerta.io bucketbytesAlarm" error key arn:aws:x from 2019-02-15T23:53:45.093`},
		{"something else", `{"Type":"Notification","MessageId":"m1","Subject":"RDS failover","Message":"words","TopicArn":"arn:aws:sns:eu-west-1:1:t","Timestamp":"2026-11-21T17:04:01Z"}`, `firing "RDS failover" warning key m1 from 2026-11-21T17:04:01`},
		{"a subscription", "@sns-subscription-confirmation.json", "nothing"},
		{"raw", `{"AlarmName":"x"}`, "refused: this is an alarm without SNS's envelope, and nobody signed it: turn raw message delivery off in the subscription"},
		{"another type", `{"Type":"x"}`, `refused: SNS's type "x" is not understood`},
		{"no type", `{}`, "refused: the body has no Type: what SNS posts has one: it is not what this type of source posts"},
	}
}

// TestAMessageThatIsSentAgain has the same key.
func TestAMessageThatIsSentAgain(t *testing.T) {
	a := newAmazon(t)
	tk := &taker{}
	h := a.handler(tk, nil)
	body := a.sign("2", fixture(t, "cloudwatch-sns-alarm.json"), map[string]string{"Message": "plain words"})
	post(t, h, "/ingest/aws", body)
	post(t, h, "/ingest/aws", body)
	if len(tk.batches) != 2 || tk.batches[0].Alerts[0].Fingerprint != tk.batches[1].Alerts[0].Fingerprint || tk.batches[0].Alerts[0].Status != ticket.Firing {
		t.Errorf("%+v", tk.batches)
	}
}
