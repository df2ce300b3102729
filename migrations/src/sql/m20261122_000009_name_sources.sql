-- Whose list a file is: 'list', or a vendor's name. Its leads have it too, so that the record numbers of two vendors do
-- not meet in leads_vendor_record. (The functions of staging have a parameter called source.)
ALTER TABLE data_sources ADD COLUMN lead_source text NOT NULL DEFAULT 'list';
