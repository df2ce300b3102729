-- E-mail goes out (docs/campaigns.md): who it says it is from, and how its recipients leave.

-- A commercial message names its sender and a postal address of theirs (CAN-SPAM, 15 U.S.C. 7704(a)(5)). One that was entered
-- before and has none sends nothing until it is given one.
ALTER TABLE senders
    -- As people see it; NULL: its name.
    ADD COLUMN display_name   text CHECK (display_name <> ''),
    ADD COLUMN postal_address text CHECK (postal_address <> ''),
    -- Where answers go, where not to the address itself; in lower case.
    ADD COLUMN reply_to       text CHECK (reply_to <> '');

-- link: the person used the address that every e-mail has to unsubscribe at.
ALTER TABLE suppressions DROP CONSTRAINT suppressions_method_check;
ALTER TABLE suppressions ADD CONSTRAINT suppressions_method CHECK (method IN ('keyword', 'language', 'vendor', 'person',
    'import', 'bounce', 'complaint', 'link'));
