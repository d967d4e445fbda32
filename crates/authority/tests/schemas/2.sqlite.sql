-- A file of the schema's second step: 23 simulated people, 3 entries, 5 shows, a fact.
PRAGMA foreign_keys=OFF;
PRAGMA user_version=2;
BEGIN TRANSACTION;
CREATE TABLE persons (
    id            INTEGER PRIMARY KEY,
    -- The code of the document type, as in a health code.
    document_type INTEGER NOT NULL CHECK (document_type BETWEEN 1 AND 15),
    -- Normalised: 18 characters where the number has 18, upper case, no spaces.
    number        TEXT NOT NULL,
    name          TEXT NOT NULL,
    imported_at   INTEGER NOT NULL, source INTEGER NOT NULL DEFAULT 1 CHECK (source BETWEEN 1 AND 3),
    UNIQUE (document_type, number)
) STRICT;
INSERT INTO persons VALUES(1,1,'350100196901150018','张国例',1795612903258,1);
INSERT INTO persons VALUES(2,1,'350100198711150024','李丽样',1795612903258,1);
INSERT INTO persons VALUES(3,1,'350100196505070032','吴样',1795612903258,1);
INSERT INTO persons VALUES(4,1,'350100193208200044','李志样',1795612903258,1);
INSERT INTO persons VALUES(5,1,'350100193906180052','王样本',1795612903258,1);
INSERT INTO persons VALUES(6,1,'350100201307040063','张玉例',1795612903258,1);
INSERT INTO persons VALUES(7,1,'350100197309100083','王秀例',1795612903258,1);
INSERT INTO persons VALUES(8,1,'350100199502050099','刘试二',1795612903258,1);
INSERT INTO persons VALUES(9,1,'350100199204070104','郑志样',1795612903258,1);
INSERT INTO persons VALUES(10,1,'35010019880315011X','黄秀例',1795612903258,1);
INSERT INTO persons VALUES(11,1,'350100196507280121','黄试二',1795612903258,1);
INSERT INTO persons VALUES(12,1,'350100193807190132','林丽样',1795612903258,1);
INSERT INTO persons VALUES(13,1,'350100198910200143','王样',1795612903258,1);
INSERT INTO persons VALUES(14,1,'35010019840609015X','李芳例',1795612903258,1);
INSERT INTO persons VALUES(15,1,'35010019790721016X','吴秀例',1795612903258,1);
INSERT INTO persons VALUES(16,2,'810000197307120174','黄样',1795612903258,1);
INSERT INTO persons VALUES(17,2,'820000198507140184','郑玉例',1795612903258,1);
INSERT INTO persons VALUES(18,3,'830000196202060194','黄明样',1795612903258,1);
INSERT INTO persons VALUES(19,4,'UTO350176012792','EXAMPLE, AMINA',1795612903258,1);
INSERT INTO persons VALUES(20,4,'935398199508240212','SAMPLE, MARIA',1795612903258,1);
INSERT INTO persons VALUES(21,3,'83000019990701022X','吴例',1795612903258,1);
INSERT INTO persons VALUES(22,4,'935398198809030230','SAMPLE, MARIA',1795612903258,1);
INSERT INTO persons VALUES(23,2,'810000194002100240','张小例',1795612903258,1);
CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY,
    phone         TEXT NOT NULL UNIQUE,
    -- Argon2id in PHC form.
    password_hash TEXT NOT NULL,
    person        INTEGER NOT NULL UNIQUE REFERENCES persons (id),
    -- How identity was proven; the only way so far.
    level         TEXT NOT NULL CHECK (level = 'register-match'),
    created_at    INTEGER NOT NULL
) STRICT;
INSERT INTO accounts VALUES(1,'10000000001','$argon2id$v=19$m=19456,t=2,p=1$+YYPdAaGIHMS9iZrAaEp0A$P6jcSaYAU2Ev3eQPUcqkxlZHlibXdnVs/SeTPdoWMjw',1,'register-match',1795612903258);
INSERT INTO accounts VALUES(2,'10000000002','$argon2id$v=19$m=19456,t=2,p=1$lFsCq+zPrtogaTtsOnu4cw$p29lSV5mMtcAzYXBDHI5cnRw7Ji5TR5uCofRbK7NZLA',2,'register-match',1795612903258);
INSERT INTO accounts VALUES(3,'10000000003','$argon2id$v=19$m=19456,t=2,p=1$UY1aBvfZnZ+D5z519EJMtA$X3IYIfmTDnP8a67ux30eYLkpD52IrH/bPoCKdfGoup8',3,'register-match',1795612903258);
INSERT INTO accounts VALUES(4,'10000000005','$argon2id$v=19$m=19456,t=2,p=1$VuwJU7ji0QOvBklaXkDxFg$jVLWpK5jGHNY/gCjwU9QhksGFALwlej5LvretvsEiJo',5,'register-match',1795612903258);
INSERT INTO accounts VALUES(5,'10000000006','$argon2id$v=19$m=19456,t=2,p=1$7kID/2UPhWuWfZgeG5z3TQ$p45vWoFmmF2OtGf16UDrHo2IFivqBj0nMGF9zS4GQrI',6,'register-match',1795612903258);
INSERT INTO accounts VALUES(6,'10000000008','$argon2id$v=19$m=19456,t=2,p=1$WSYHM5aoYBFYQOXbCx7cJQ$6WoHGnffwGx1Ab0flmwwwsKxGsxXnTytWBV2zqmsdMQ',7,'register-match',1795612903258);
INSERT INTO accounts VALUES(7,'10000000009','$argon2id$v=19$m=19456,t=2,p=1$2pgixaiYjPfWsw//jS7pSg$gbcKjZhpiurzkmrbgUiS0xlm3pyUHufvyopDFyxXEdQ',8,'register-match',1795612903258);
INSERT INTO accounts VALUES(8,'10000000010','$argon2id$v=19$m=19456,t=2,p=1$BVCG3GHpps/xI4inccU9eg$7/hWfLUQPIQRIXFY3QHCgGNC95DucQ3jEXnrMCwSc2U',9,'register-match',1795612903258);
INSERT INTO accounts VALUES(9,'10000000011','$argon2id$v=19$m=19456,t=2,p=1$ByyU6s5g3cb0gBzvOZ3bDQ$/IM9VYLSo0cSLgMRGeH5XlMYR4OVudu28kQaE8CVARs',10,'register-match',1795612903258);
INSERT INTO accounts VALUES(10,'10000000012','$argon2id$v=19$m=19456,t=2,p=1$nNbZS+Cgzsidl9g5/mDEsA$Mq/5RQ37s2eDIcb42Qh0MK/aEwpOUzOXs2jgey08w9o',11,'register-match',1795612903258);
INSERT INTO accounts VALUES(11,'10000000013','$argon2id$v=19$m=19456,t=2,p=1$S0Bwd9fPYRu6RCJ26jOlIQ$eX5uHGAuql5aB2lZyyQRh6+ZfxoaQeuXlHUr7qkoq9s',12,'register-match',1795612903258);
INSERT INTO accounts VALUES(12,'10000000014','$argon2id$v=19$m=19456,t=2,p=1$hpEPVwincl7mIxqrMXqXsA$vO56x3TqM47/JRUrJ2rc8x28NhbTsN/bFaY/HEtSaDY',13,'register-match',1795612903258);
INSERT INTO accounts VALUES(13,'10000000015','$argon2id$v=19$m=19456,t=2,p=1$6J0Uuo6Z5z14c5QY3IJNnQ$ocAcriQC8fvXXRMT0m5bSrA4OFMznHuAEF69Lf0y0WI',14,'register-match',1795612903258);
INSERT INTO accounts VALUES(14,'10000000016','$argon2id$v=19$m=19456,t=2,p=1$ozr1bGHOnAnRX3HR7rvVOg$0WkZXbLhxjL0sPZRtubMlrHo/6dFw0D3Nq8icKfvTuI',15,'register-match',1795612903258);
INSERT INTO accounts VALUES(15,'10000000017','$argon2id$v=19$m=19456,t=2,p=1$HCRCI/FrvfDQCdXisypYNg$rFUkTluTYXkj4gFSngUcdM65DJ5rahunjV+pTw/a0YM',16,'register-match',1795612903258);
INSERT INTO accounts VALUES(16,'10000000018','$argon2id$v=19$m=19456,t=2,p=1$mJ/KKfxigDaUzW39NFxGJQ$E+0/CYjJkztrZQQhAHzhDHSAw06vD1lCjtrtCVrNSKY',17,'register-match',1795612903258);
INSERT INTO accounts VALUES(17,'10000000019','$argon2id$v=19$m=19456,t=2,p=1$TaNIHD8w2WiEfu5+LVR0bw$UIQdsC9fjDphYcBR2qIkl0WJ1mRHce7MUGSTmGzI87M',18,'register-match',1795612903258);
INSERT INTO accounts VALUES(18,'10000000020','$argon2id$v=19$m=19456,t=2,p=1$JEs/XI1mV9BZh28b5bw+XQ$/4FMhbVwqLIri+ijR9tPU6WyIXG2rXko7fr61o9/l30',19,'register-match',1795612903258);
INSERT INTO accounts VALUES(19,'10000000021','$argon2id$v=19$m=19456,t=2,p=1$uW3WP0HMkj8vwJoP0dkQlA$b60YcbTPERRVvA2Aw63PtxXNQvqCMkrsotnCUo1BSwM',20,'register-match',1795612903258);
INSERT INTO accounts VALUES(20,'10000000022','$argon2id$v=19$m=19456,t=2,p=1$FSdn5IGA5OPkp6Dg7PLooQ$UpcZBQDcpFiOiTNgwXqfMXfZ2XuhvoxtLXoQAPTiX7U',21,'register-match',1795612903258);
INSERT INTO accounts VALUES(21,'10000000023','$argon2id$v=19$m=19456,t=2,p=1$gw+tag5Ol3A6odmdq3vi0A$hPOYMZ7DEFrkXLvj2YMetAgYKJcSj1UlMadUyBzzU3Y',22,'register-match',1795612903258);
CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    account    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO sessions VALUES(X'0e968b3cd4a8f03ec2970ec0b987f9e6ca3c8abdca347bae34ef06aba5d834c5',21,1795656103258);
INSERT INTO sessions VALUES(X'12cf33d7d67a5439e4ccd5a379910f9771ba05f3a669aacecab43b50c852b713',12,1795656103258);
INSERT INTO sessions VALUES(X'154f26ef258af6834e0b0945f6bf101e32c0230ef3eadf4a16eb3fd36141d216',11,1795656103258);
INSERT INTO sessions VALUES(X'241c15b6f083b8e1e2f64d9ecd3197af136e890dbba44d28d3f061176298de96',6,1795656103258);
INSERT INTO sessions VALUES(X'24919364a2ebccb58350f6d18b11f5eae9c8a36de59a37d52de5353664c6e483',20,1795656103258);
INSERT INTO sessions VALUES(X'2f51c4d0fbc1e43aab7049c4de217fee8cce54102a1ad40d4e1cc60980367c00',8,1795656103258);
INSERT INTO sessions VALUES(X'3150d45748b4b658d708a7f4191eb70a985898fb860fc06096d95bd1ad8682c9',7,1795656103258);
INSERT INTO sessions VALUES(X'4101f678eedca91c26908c9c1d5622c09fcdcf011a1f4f94a4f70b877d3e94f1',17,1795656103258);
INSERT INTO sessions VALUES(X'4a572b977ef83c8eb2cfe66badf712888ba1378fb6126310e5e6d612680c335b',10,1795656103258);
INSERT INTO sessions VALUES(X'58b37012288ccf45592844a652b1b9abb02d72ff1e156dea5a9e9f51084605b2',4,1795656103258);
INSERT INTO sessions VALUES(X'645db989aa0949bbec393612124d9669dd9ea6599e71554e41e630d98b300b08',9,1795656103258);
INSERT INTO sessions VALUES(X'766b6cac31dd704c21214e2ff0a4972236dea750c376b3e1c7fc9e99c0c6429c',1,1795656106872);
INSERT INTO sessions VALUES(X'7c047742062faabdf50aa0518aa3d588f2514dea3dc3f8bd8124d792aede707a',2,1795656103258);
INSERT INTO sessions VALUES(X'8b657d01715d0d56cb42fec5cc68a4443d0925cda34ce6313dad0a7e52098700',19,1795656103258);
INSERT INTO sessions VALUES(X'9b7f3097a6de202ab181d45da67278d2b4c0b20488e797b746d5c539f15a4478',3,1795656103258);
INSERT INTO sessions VALUES(X'a175123ce9bc373dfe452a87972e46045cfb256cadcb0575b29835eff7310234',1,1795656103258);
INSERT INTO sessions VALUES(X'b0d6e63743fa1661c57839e84a8e1d75eff66147afe589558aceb92af32a1e90',15,1795656103258);
INSERT INTO sessions VALUES(X'c07d22030996f87510ff20d18aee3fd1240ee43a40a95f0a366fdc1f4d83b9dc',5,1795656103258);
INSERT INTO sessions VALUES(X'e1bd4c6621e49655665c4f2f37c178fc3cca1121bd9016d29060dea0d94d9234',14,1795656103258);
INSERT INTO sessions VALUES(X'efe41b7136896d7d6f8844557842f3805262fb6ac930c155197cd34be6b9505e',13,1795656103258);
INSERT INTO sessions VALUES(X'f04eeca5f30bbba618f05344121dec361cbab59150ace61d6b05841e2c46b3ac',16,1795656103258);
INSERT INTO sessions VALUES(X'f90816e6688a6aca18148b32020c7f4d528a31b13c85ab623b1062737ca9e0f4',18,1795656103258);
CREATE TABLE issuing (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    -- The key of the shuffle from serials to indexes. Never leaves this table.
    permutation_key BLOB NOT NULL CHECK (length(permutation_key) = 32),
    next_serial     INTEGER NOT NULL,
    -- Counts every change of a holder, so that whoever follows the list can ask what is new.
    revision        INTEGER NOT NULL
) STRICT;
INSERT INTO issuing VALUES(1,X'87e26b10747fd02d341e474f2a2ec75ee07d858936dd0dee5d5b182d3b274922',20,33);
CREATE TABLE holders (
    -- The order of issue; not shown to anybody.
    serial         INTEGER PRIMARY KEY,
    status_index   INTEGER NOT NULL UNIQUE,
    person         INTEGER NOT NULL REFERENCES persons (id),
    account        INTEGER NOT NULL REFERENCES accounts (id),
    -- The directory's keyed hash, as a signed 64-bit number.
    document_hash  INTEGER NOT NULL,
    -- The two bits of the status list.
    colour         INTEGER NOT NULL CHECK (colour BETWEEN 0 AND 3),
    colour_since   INTEGER NOT NULL,
    -- When the colour may change by the passing of time.
    next_change_at INTEGER,
    claimed_at     INTEGER NOT NULL,
    withdrawn_at   INTEGER,
    shown_count    INTEGER NOT NULL DEFAULT 0,
    revision       INTEGER NOT NULL
, claim_group INTEGER NOT NULL DEFAULT 1
    CHECK (claim_group BETWEEN 1 AND 3), relation INTEGER NOT NULL DEFAULT 0
    CHECK (relation BETWEEN 0 AND 4), city INTEGER, medium INTEGER NOT NULL DEFAULT 0 CHECK (medium IN (0, 1))) STRICT;
INSERT INTO holders VALUES(0,2363,1,1,-8920388545381313653,1,1795612907345,NULL,1795612903258,NULL,5,33,1,0,3501,0);
INSERT INTO holders VALUES(1,48556,2,2,8781921268073011527,1,1795612903351,1796714503258,1795612903258,NULL,0,3,1,0,3501,0);
INSERT INTO holders VALUES(2,7907,3,3,2267883841171741802,3,1795612903258,NULL,1795612903258,1795612903258,0,5,1,0,3501,0);
INSERT INTO holders VALUES(3,43341,5,4,8893952134673820473,0,1795612903258,NULL,1795612903258,NULL,0,6,1,0,3501,0);
INSERT INTO holders VALUES(4,59270,6,5,6541005147138023845,0,1795612903258,NULL,1795612903258,NULL,0,7,1,0,3501,0);
INSERT INTO holders VALUES(5,58583,8,7,-7733615728429781125,1,1795612903583,1796714503258,1795612903258,NULL,0,9,1,0,3501,0);
INSERT INTO holders VALUES(6,10862,9,8,-6962314455888048955,1,1795612903623,NULL,1795612903258,NULL,0,11,1,0,3501,0);
INSERT INTO holders VALUES(7,33626,10,9,-8859743579719609025,1,1795612903659,NULL,1795612903258,NULL,0,13,1,0,3501,0);
INSERT INTO holders VALUES(8,37064,11,10,-8541496742975965192,1,1795612903699,1796714503258,1795612903258,NULL,0,15,1,0,3501,0);
INSERT INTO holders VALUES(9,43647,12,11,-5620722391430373786,1,1795612903735,NULL,1795612903258,NULL,0,17,1,0,3501,0);
INSERT INTO holders VALUES(10,22610,13,12,-2861249976660300617,1,1795612903779,1796714503258,1795612903258,NULL,0,19,1,0,3501,0);
INSERT INTO holders VALUES(11,3936,14,13,2783114215064347006,0,1795612903258,NULL,1795612903258,NULL,0,20,1,0,3501,0);
INSERT INTO holders VALUES(12,52791,15,14,-6143158309317737045,0,1795612903863,NULL,1795612903258,NULL,0,23,1,0,3501,0);
INSERT INTO holders VALUES(13,16105,16,15,-5060444278406259868,0,1795612903258,NULL,1795612903258,NULL,0,24,1,0,NULL,0);
INSERT INTO holders VALUES(14,4536,17,16,5369798977159632430,0,1795612903258,NULL,1795612903258,NULL,0,25,1,0,NULL,0);
INSERT INTO holders VALUES(15,14532,18,17,-5638108026700649340,0,1795612903258,NULL,1795612903258,NULL,0,26,1,0,NULL,0);
INSERT INTO holders VALUES(16,11967,19,18,6095062328657732208,0,1795612903258,NULL,1795612903258,NULL,0,27,1,0,NULL,0);
INSERT INTO holders VALUES(17,28279,20,19,7886413459866520244,0,1795612903258,NULL,1795612903258,NULL,0,28,1,0,NULL,0);
INSERT INTO holders VALUES(18,44362,21,20,7743928384380127298,1,1795612904087,1796714503258,1795612903258,NULL,0,30,1,0,NULL,0);
INSERT INTO holders VALUES(19,33971,22,21,1006446905057257763,1,1795612904119,1796714503258,1795612903258,NULL,0,32,1,0,NULL,0);
CREATE TABLE facts (
    -- Made by the reporter; sent twice it counts once.
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    -- Of anybody, in the register or not.
    document_type INTEGER NOT NULL CHECK (document_type BETWEEN 1 AND 15),
    number        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    occurred_at   INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    reporter      INTEGER NOT NULL REFERENCES clerks (id)
, detail TEXT, retracts BLOB CHECK (length(retracts) = 16)) STRICT, WITHOUT ROWID;
INSERT INTO facts VALUES(X'01a212de87b77de1a19927fe8d8d2618',1,'350100198711150024','fever-clinic',1795504903258,1795612903351,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de889f7ec7980d5aeeec9c1f43',1,'350100199502050099','high-incidence-area',1795504903258,1795612903583,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de88c774be800c156ec5853852',1,'350100199204070104','confirmed',1795504903258,1795612903623,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de88eb78e2a330fd270140716f',1,'35010019880315011X','suspected',1795504903258,1795612903659,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de89137e77bc6f3576a10342e3',1,'350100196507280121','close-contact',1795504903258,1795612903699,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de893776809d8054b0b308dcdb',1,'350100193807190132','sealed-compound',1795504903258,1795612903735,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de896375098a31e047b24c1e3c',1,'350100198910200143','antipyretic',1795504903258,1795612903779,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de89877e72b18553960d2bd2e3',1,'35010019840609015X','fever-clinic',1793884903258,1795612903815,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de89b37d7e93f211b6915bce4c',1,'35010019790721016X','suspected',1794835303258,1795612903859,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de89b778c5af73a9706e3abd0a',1,'35010019790721016X','cleared',1795440103258,1795612903863,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de8a9777c1b4ef39ec911915d1',3,'83000019990701022X','high-incidence-area',1795504903258,1795612904087,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de8ab77f659f62ed7b9ba179b4',4,'935398198809030230','close-contact',1795504903258,1795612904119,1,NULL,NULL);
INSERT INTO facts VALUES(X'01a212de97517926b53ef80c958bc6f2',1,'350100196901150018','confirmed',1795612907345,1795612907345,1,NULL,NULL);
CREATE TABLE sites (
    -- Its name for programs.
    id      TEXT PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    scene   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO sites VALUES('demo-airport','示例机场二号航站楼','Demo Airport, Terminal 2','airport');
INSERT INTO sites VALUES('demo-hall','示例政务大厅','Demo Service Hall','general');
INSERT INTO sites VALUES('demo-hospital','示例医院一号门','Demo Hospital, Gate 1','hospital');
INSERT INTO sites VALUES('demo-hotel','示例宾馆前台','Demo Hotel, Front Desk','hotel');
CREATE TABLE enrolments (
    code_hash    BLOB PRIMARY KEY,
    site         TEXT NOT NULL REFERENCES sites (id),
    -- NULL: whoever enrols names the desk.
    station_name TEXT,
    scene        TEXT NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO enrolments VALUES(X'14b925f8c943db46d85ab95d399a27b0118e1fb9e5e2d3a965f87c74b081f8c3','demo-hall',NULL,'general',1795872104150,NULL);
INSERT INTO enrolments VALUES(X'57087f9950c51c34ecac0e1b9616c57f0a0eae2c0fb0f55a97ec10e3aefd7899','demo-hotel',NULL,'hotel',1795872104148,NULL);
INSERT INTO enrolments VALUES(X'5b2dffb982efbab3c2ed03b3a10109a576034aa983b844c189ae8b895b5caa29','demo-airport',NULL,'airport',1795872104149,NULL);
INSERT INTO enrolments VALUES(X'de9ed7d1940205d3bac8f9c984cecfa84b8f96b82f9fb516c26911a723e37154','demo-hospital',NULL,'hospital',1795872104143,1795612906858);
CREATE TABLE stations (
    -- Its name for programs, as in its entries.
    id          TEXT PRIMARY KEY,
    site        TEXT NOT NULL REFERENCES sites (id),
    name        TEXT NOT NULL,
    scene       TEXT NOT NULL,
    token_hash  BLOB NOT NULL UNIQUE,
    enrolled_at INTEGER NOT NULL,
    -- A desk that was stolen or taken down; its token counts no longer.
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO stations VALUES('desk-8a1a5bb5c7','demo-hospital','desk','hospital',X'cd7861c83d7ea315ab07a2503d63633744e253b383a7599a1353037117125e04',1795612906858,NULL);
CREATE TABLE entries (
    place         INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Made by the desk; sent twice it is kept once.
    id            BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    station       TEXT NOT NULL REFERENCES stations (id),
    -- By the desk's clock, and by ours.
    at            INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    subject_issuer INTEGER,
    subject_index INTEGER,
    -- The whole entry as it came, which has no name and no number in it.
    upload        TEXT NOT NULL
) STRICT;
INSERT INTO entries VALUES(1,X'01730000000070008000000000000001','desk-8a1a5bb5c7',1593590401000,1795612906861,35,7,'{"id":"01730000-0000-7000-8000-000000000001","station":"desk-8a1a5bb5c7","at":"2020-07-01T08:00:01Z","scene":"hospital","decision":"admit","reasons":[],"colour":"green","subject":{"issuer":35,"index":7},"method":["code"],"action":"none","basis":{"online":true,"status_epoch":1,"status_sequence":1,"age_seconds":3,"policy":"hospital/1"}}');
INSERT INTO entries VALUES(2,X'01730000000070008000000000000002','desk-8a1a5bb5c7',1593590401000,1795612906861,35,7,'{"id":"01730000-0000-7000-8000-000000000002","station":"desk-8a1a5bb5c7","at":"2020-07-01T08:00:01Z","scene":"hospital","decision":"admit","reasons":[],"colour":"green","subject":{"issuer":35,"index":7},"method":["code"],"action":"none","basis":{"online":true,"status_epoch":1,"status_sequence":1,"age_seconds":3,"policy":"hospital/1"}}');
INSERT INTO entries VALUES(3,X'01730000000070008000000000000003','desk-8a1a5bb5c7',1593590401000,1795612906863,35,7,'{"id":"01730000-0000-7000-8000-000000000003","station":"desk-8a1a5bb5c7","at":"2020-07-01T08:00:01Z","scene":"hospital","decision":"admit","reasons":[],"colour":"green","subject":{"issuer":35,"index":7},"method":["code"],"action":"none","basis":{"online":true,"status_epoch":1,"status_sequence":1,"age_seconds":3,"policy":"hospital/1"}}');
CREATE TABLE published (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    head_number INTEGER NOT NULL
) STRICT;
INSERT INTO published VALUES(1,1795612908);
CREATE TABLE arrivals (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    taken INTEGER NOT NULL
) STRICT;
INSERT INTO arrivals VALUES(1,3);
CREATE TABLE entrants (
    person     INTEGER PRIMARY KEY REFERENCES persons (id),
    -- The day of the last entry, such as 2020-03-05.
    entered_on TEXT NOT NULL
) STRICT;
CREATE TABLE declarations (
    holder      INTEGER PRIMARY KEY REFERENCES holders (serial),
    -- From another province: six digits of GB/T 2260.
    departure   TEXT,
    household   TEXT,
    -- From abroad: a telephone number, if not the account's own.
    contact     TEXT,
    declared_at INTEGER NOT NULL
) STRICT;
INSERT INTO declarations VALUES(13,'420100','420100',NULL,1795612903258);
CREATE TABLE proofs (
    account   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- 2 a code by SMS, 3 a live face; higher is better.
    level     INTEGER NOT NULL CHECK (level IN (2, 3)),
    proven_at INTEGER NOT NULL,
    PRIMARY KEY (account, level)
) STRICT, WITHOUT ROWID;
CREATE TABLE colour_scheme (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    -- Rises with every change.
    generation  INTEGER NOT NULL,
    -- The file, as it was given.
    rules       TEXT NOT NULL,
    since       INTEGER NOT NULL,
    -- While everybody is coloured anew: the last document that was looked at. The type is
    -- NULL when that is done.
    done_type   INTEGER,
    done_number TEXT NOT NULL
) STRICT;
INSERT INTO colour_scheme VALUES(1,1,replace('{\n  "id": "fujian-2020",\n  "name": { "zh": "福建 2020 年码色制", "en": "Fujian 2020" },\n  "amber_name": "orange",\n  "source": "八闽健康码 colour rules published February to July 2020: six conditions turn a code orange",\n  "rules": [\n    {\n      "kind": "fever-clinic",\n      "colour": "amber",\n      "days": 14,\n      "words": { "zh": "14 天内曾到发热门诊就诊", "en": "Seen at a fever clinic within 14 days" }\n    },\n    {\n      "kind": "high-incidence-area",\n      "colour": "amber",\n      "days": 14,\n      "words": { "zh": "来自疫情高发地区", "en": "Came from an area of high incidence" }\n    },\n    {\n      "kind": "confirmed",\n      "colour": "amber",\n      "days": null,\n      "words": { "zh": "确诊病例", "en": "Confirmed case" }\n    },\n    {\n      "kind": "suspected",\n      "colour": "amber",\n      "days": null,\n      "words": { "zh": "疑似病例", "en": "Suspected case" }\n    },\n    {\n      "kind": "close-contact",\n      "colour": "amber",\n      "days": 14,\n      "words": { "zh": "密切接触者", "en": "Close contact of a case" }\n    },\n    {\n      "kind": "sealed-compound",\n      "colour": "amber",\n      "days": null,\n      "words": { "zh": "居住在封闭管理的小区", "en": "Lives in a sealed-off compound" }\n    },\n    {\n      "kind": "antipyretic",\n      "colour": "amber",\n      "days": 14,\n      "words": { "zh": "14 天内曾购买退烧药", "en": "Bought fever medicine within 14 days" }\n    }\n  ]\n}\n','\n',char(10)),1795612903182,NULL,'');
CREATE TABLE clerks (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    role           TEXT NOT NULL CHECK (role IN ('clerk', 'department', 'epidemiologist',
        'site-manager', 'administrator', 'auditor')),
    -- NULL: cannot log in, such as the command line.
    token_hash     BLOB UNIQUE,
    created_at     INTEGER NOT NULL,
    revoked_at     INTEGER,
    -- What the secret of one-time passwords is made from; NULL: none are set up.
    otp_seed       BLOB,
    -- When the first password was shown; until then they do not count.
    otp_since      INTEGER,
    -- The step of the last password that was taken: none is taken twice.
    otp_last_step  INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO clerks VALUES(1,'command line','clerk',NULL,1795612903351,NULL,NULL,NULL,0);
INSERT INTO clerks VALUES(2,'demo clerk','clerk',X'54516b7647652189285bab4e4addd03b95223a3eb151096dd93aba4eae0a393a',1795612904123,NULL,NULL,NULL,0);
INSERT INTO clerks VALUES(3,'demo department','department',X'2763aaa607035c36f3229573681f9e9fff68f7c3fff4db57d6dea7bdd9f836ca',1795612904127,NULL,NULL,NULL,0);
CREATE TABLE clerk_sites (
    clerk INTEGER NOT NULL REFERENCES clerks (id),
    site  TEXT NOT NULL REFERENCES sites (id),
    PRIMARY KEY (clerk, site)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    -- From 1, without gaps.
    place    INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    clerk    INTEGER NOT NULL REFERENCES clerks (id),
    -- As they were at that time.
    name     TEXT NOT NULL,
    role     TEXT NOT NULL,
    deed     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    reason   TEXT,
    -- A JSON object of texts.
    detail   TEXT NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO audit VALUES(1,1795612904123,1,'command line','clerk','create-clerk','clerk 2',NULL,'{"role":"clerk"}',X'15a105e88784815ea21ddaa413a002d91357a0373cea8332293325f1dc2a1956');
INSERT INTO audit VALUES(2,1795612904127,1,'command line','clerk','create-clerk','clerk 3',NULL,'{"role":"department"}',X'686dbbd2391ecd2b83de236f5434c776a4a15ff6659a705f21e2ed10318fb8cd');
INSERT INTO audit VALUES(3,1795612904131,1,'command line','clerk','put-site','demo-hospital',NULL,'{"scene":"hospital"}',X'6255512e61c6d88a566aa9f43908178569889c261f3d68db1340709ba3c37680');
INSERT INTO audit VALUES(4,1795612904135,1,'command line','clerk','put-site','demo-hotel',NULL,'{"scene":"hotel"}',X'c678080cd29ed60984eb1e183ca1dee1a5a4392c666b1ca1930c8aacf94b8489');
INSERT INTO audit VALUES(5,1795612904137,1,'command line','clerk','put-site','demo-airport',NULL,'{"scene":"airport"}',X'f1f9cbc8108174a3ca2ee7934d4674086e22e59296e93bf15c5c55ed5c754c34');
INSERT INTO audit VALUES(6,1795612904139,1,'command line','clerk','put-site','demo-hall',NULL,'{"scene":"general"}',X'e0005f2c62b4e5518fc5214e0d94e835785141710af3adf0f1d51f5df39186d2');
CREATE TABLE department_keys (
    -- Ed25519.
    public_key BLOB PRIMARY KEY CHECK (length(public_key) = 32),
    clerk      INTEGER NOT NULL REFERENCES clerks (id),
    added_at   INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE claim_counts (
    -- As in holders; 0 for a city that is not known.
    claim_group INTEGER NOT NULL,
    city        INTEGER NOT NULL,
    -- Phone codes only: a paper code is of somebody who has one.
    issued      INTEGER NOT NULL,
    in_force    INTEGER NOT NULL,
    PRIMARY KEY (claim_group, city)
) STRICT, WITHOUT ROWID;
INSERT INTO claim_counts VALUES(1,0,7,7);
INSERT INTO claim_counts VALUES(1,3501,13,12);
CREATE TABLE show_total (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    total INTEGER NOT NULL
) STRICT;
INSERT INTO show_total VALUES(1,5);
CREATE TABLE fills (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    holders INTEGER NOT NULL,
    seed    INTEGER NOT NULL,
    done    INTEGER NOT NULL
) STRICT;
CREATE TABLE verifications (
    -- The receipt, which begins with its instant, and the item's place in the request.
    id           BLOB NOT NULL CHECK (length(id) = 16),
    item         INTEGER NOT NULL,
    station      TEXT NOT NULL,
    at           INTEGER NOT NULL,
    -- What allowed a look-up by document; NULL for a code.
    basis        TEXT,
    -- known, unknown, unchecked, or why a code was refused.
    outcome      TEXT NOT NULL,
    issuer       INTEGER,
    status_index INTEGER,
    colour       INTEGER,
    PRIMARY KEY (id, item)
) STRICT, WITHOUT ROWID;
INSERT INTO verifications VALUES(X'01a212de95a17921a05a670000000001',0,'desk-8a1a5bb5c7',1795612906913,NULL,'known',35,2363,0);
CREATE TABLE appeals (
    -- Of version 7: in the order of opening.
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    account    INTEGER NOT NULL REFERENCES accounts (id),
    person     INTEGER NOT NULL REFERENCES persons (id),
    -- The member's status index; NULL for the account's own person.
    member     INTEGER,
    words      TEXT NOT NULL,
    opened_at  INTEGER NOT NULL,
    -- 0 open, 1 granted, 2 declined.
    state      INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    answer     TEXT,
    decided_by INTEGER REFERENCES clerks (id),
    decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE regions (
    issuer     INTEGER PRIMARY KEY CHECK (issuer BETWEEN 0 AND 255),
    name_zh    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    -- Where its feeds are.
    url        TEXT NOT NULL,
    -- The key that signs its trust list, agreed on from person to person.
    root_key   BLOB NOT NULL CHECK (length(root_key) = 32),
    -- Its own part of its trust list, as JSON; NULL before the first was fetched.
    trust      TEXT,
    -- 1 when its codes count no longer.
    removed    INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    changed_at INTEGER NOT NULL,
    -- Counts the changes of all regions.
    revision   INTEGER NOT NULL UNIQUE
) STRICT;
CREATE TABLE shows (
    id    BLOB PRIMARY KEY CHECK (length(id) = 16),
    at    INTEGER NOT NULL,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO shows VALUES(X'01a212de96057ebd8fbc173e068bf2c0',1795612907013,5);
CREATE TABLE shown_by_day (
    -- Days since 1970-01-01 in the province. Shows before the first day were not counted by
    -- days; statistics has them in its total.
    day   INTEGER NOT NULL,
    -- Rows of a day, so that many processes need not wait for one.
    shard INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, shard)
) STRICT, WITHOUT ROWID;
INSERT INTO shown_by_day VALUES(20782,0,5);
CREATE TABLE stations_seen (
    station          TEXT PRIMARY KEY REFERENCES stations (id),
    seen_at          INTEGER NOT NULL,
    version          TEXT,
    list_epoch       INTEGER,
    list_sequence    INTEGER,
    list_age_seconds INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE policies (
    scene   TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- The whole policy as JSON.
    policy  TEXT NOT NULL,
    put_at  INTEGER NOT NULL,
    clerk   INTEGER NOT NULL REFERENCES clerks (id),
    PRIMARY KEY (scene, version)
) STRICT, WITHOUT ROWID;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('entries',3);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_by_account ON sessions (account);
CREATE INDEX holders_by_person ON holders (person);
CREATE UNIQUE INDEX holders_by_revision ON holders (revision);
CREATE INDEX holders_due ON holders (next_change_at)
    WHERE next_change_at IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX facts_by_document ON facts (document_type, number, occurred_at);
CREATE INDEX entries_by_station ON entries (station, at);
CREATE INDEX entries_by_subject ON entries (subject_issuer, subject_index, at)
    WHERE subject_index IS NOT NULL;
CREATE UNIQUE INDEX holders_in_force ON holders (person, medium) WHERE withdrawn_at IS NULL;
CREATE INDEX holders_of_account ON holders (account) WHERE withdrawn_at IS NULL;
CREATE INDEX clerks_by_name ON clerks (name);
CREATE INDEX audit_by_clerk ON audit (clerk, place);
CREATE INDEX audit_by_deed ON audit (deed, place);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
    BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;
CREATE UNIQUE INDEX facts_retracted ON facts (retracts) WHERE retracts IS NOT NULL;
CREATE UNIQUE INDEX appeals_open ON appeals (person) WHERE state = 0;
CREATE INDEX appeals_by_account ON appeals (account, id);
CREATE INDEX stations_by_site ON stations (site);
COMMIT;
