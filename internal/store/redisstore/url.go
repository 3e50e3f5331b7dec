package redisstore

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// Kind says how the servers of an address work together.
type Kind int8

// The kinds of addresses.
const (
	Single   Kind = iota // redis://, rediss://
	Sentinel             // redis+sentinel://, rediss+sentinel://
	Cluster              // redis+cluster://, rediss+cluster://
)

// Address is where a Redis is, and how to get in.
type Address struct {
	Kind  Kind
	TLS   bool     // rediss: certificates are checked against the system's authorities, or
	CA    string   // those in this PEM file (absolute path)
	Hosts []string // host:port, of the servers or of the sentinels

	User, Password                 string
	SentinelUser, SentinelPassword string
	Master                         string // the name that the sentinels know
	DB                             int    // 0 on a Cluster
}

// ParseURL reads the address of a store:
//
//	redis://user:secret@host:6379/0
//	redis+sentinel://:secret@h1:26379,h2:26379,h3:26379/mymaster?db=0&sentinel_password=…
//	redis+cluster://:secret@h1:6379,h2:6379,h3:6379
//
// each with rediss in place of redis for TLS. If the system does not know who
// signed the certificate, the query has ca_file=/path. User and secret may be
// left out, or the user alone; both are percent-encoded. Ports default to
// 6379, and to 26379 for sentinels, whose own user and secret are
// sentinel_user and sentinel_password. Errors quote nothing of an address: if
// it is written wrong, a secret may be anywhere in it.
func ParseURL(text string) (Address, error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return Address{}, errors.New("redisstore: the address has no scheme: redis, rediss, redis+sentinel or redis+cluster wanted")
	}
	a, err := parseScheme(scheme)
	if err != nil {
		return Address{}, err
	}
	rest, query, _ := strings.Cut(rest, "?")
	rest, user, err := cutUser(rest)
	if err != nil {
		return Address{}, err
	}
	a.User, a.Password = user.name, user.secret
	hosts, path, _ := strings.Cut(rest, "/")
	if a.Hosts, err = parseHosts(hosts, a.Kind); err != nil {
		return Address{}, err
	}
	if err := a.parseQuery(query); err != nil {
		return Address{}, err
	}
	if err := a.parsePath(path); err != nil {
		return Address{}, err
	}
	return a, nil
}

func parseScheme(scheme string) (Address, error) {
	base, kind, _ := strings.Cut(scheme, "+")
	a := Address{TLS: base == "rediss"}
	switch {
	case base != "redis" && base != "rediss":
	case kind == "" && !strings.HasSuffix(scheme, "+"):
		return a, nil
	case kind == "sentinel":
		a.Kind = Sentinel
		return a, nil
	case kind == "cluster":
		a.Kind = Cluster
		return a, nil
	}
	return a, errors.New("redisstore: the address begins with another scheme than redis, rediss, redis+sentinel or redis+cluster")
}

type credentials struct{ name, secret string }

// cutUser takes user:secret@ off. A secret may hold an unescaped @ or /.
func cutUser(text string) (rest string, user credentials, err error) {
	i := strings.LastIndex(text, "@")
	if i < 0 {
		return text, user, nil
	}
	name, secret, found := strings.Cut(text[:i], ":")
	if !found {
		return "", user, errors.New("redisstore: before the @ of the address :secret or user:secret is wanted")
	}
	var errName, errSecret error
	user.name, errName = url.PathUnescape(name)
	user.secret, errSecret = url.PathUnescape(secret)
	if errName != nil || errSecret != nil {
		return "", user, errors.New("redisstore: user or secret of the address is not percent-encoded as it should be: a % is written %25")
	}
	return text[i+1:], user, nil
}

func parseHosts(text string, kind Kind) ([]string, error) {
	port := "6379"
	if kind == Sentinel {
		port = "26379"
	}
	hosts := strings.Split(text, ",")
	if kind == Single && len(hosts) > 1 {
		return nil, errors.New("redisstore: the address has several hosts: its scheme must be redis+sentinel or redis+cluster")
	}
	for i, host := range hosts {
		h, p, err := net.SplitHostPort(host)
		if err != nil { // no port, or nonsense
			h, p = strings.Trim(host, "[]"), port
			if strings.Contains(h, ":") && net.ParseIP(h) == nil {
				return nil, notHost(i)
			}
		}
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 || h == "" {
			return nil, notHost(i)
		}
		hosts[i] = net.JoinHostPort(h, p)
	}
	return hosts, nil
}

func notHost(i int) error {
	return fmt.Errorf("redisstore: the address's host %d is not of the form host:port; in a secret ?, # and %% are percent-encoded", i+1)
}

func (a *Address) parseQuery(text string) error {
	query, err := url.ParseQuery(text)
	if err != nil {
		return errors.New("redisstore: what follows the ? of the address is not name=value&name=value, percent-encoded")
	}
	for name, values := range query {
		value := values[len(values)-1]
		switch {
		case name == "db" && a.Kind != Cluster:
			if err := a.parseDB(value); err != nil {
				return err
			}
		case name == "ca_file" && a.TLS:
			if !filepath.IsAbs(value) {
				return errors.New("redisstore: ca_file of the address is not an absolute path")
			}
			a.CA = value
		case name == "sentinel_user" && a.Kind == Sentinel:
			a.SentinelUser = value
		case name == "sentinel_password" && a.Kind == Sentinel:
			a.SentinelPassword = value
		default:
			return errors.New("redisstore: after the ? of the address only db may follow, except on a Cluster, ca_file with rediss, and for sentinels sentinel_user and sentinel_password")
		}
	}
	return nil
}

func (a *Address) parsePath(path string) error {
	path = strings.TrimSuffix(path, "/")
	switch {
	case a.Kind == Sentinel && path == "":
		return errors.New("redisstore: after the sentinels of the address the name of the primary is wanted: …/mymaster")
	case a.Kind == Sentinel:
		a.Master = path
		return nil
	case path == "":
		return nil
	case a.Kind == Cluster:
		return errors.New("redisstore: a Cluster has one database: nothing may follow the hosts of its address")
	}
	return a.parseDB(path)
}

func (a *Address) parseDB(text string) error {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return errors.New("redisstore: the address's database is not a number")
	}
	a.DB = int(n)
	return nil
}

// String is the address without its secrets.
func (a *Address) String() string {
	var b strings.Builder
	b.WriteString("redis")
	if a.TLS {
		b.WriteByte('s')
	}
	switch a.Kind {
	case Single:
	case Sentinel:
		b.WriteString("+sentinel")
	case Cluster:
		b.WriteString("+cluster")
	}
	b.WriteString("://" + strings.Join(a.Hosts, ","))
	if a.Kind == Sentinel {
		b.WriteString("/" + a.Master)
	}
	if a.DB != 0 {
		fmt.Fprintf(&b, " database %d", a.DB)
	}
	return b.String()
}
