{# Made by `chimplift generate dbt`; change the variables of the project, not this file. #}
{{ config(alias='unsubscribe') }}

select
  campaign_id,
  email_id as member_id,
  list_id,
  reason,
  {{ mailchimp_utc('timestamp') }} as timestamp,
  {{ mailchimp_utc('synced_at') }} as _fivetran_synced,
  account_name
from {{ source('mailchimp', 'unsubscriptions') }} as here
where {{ mailchimp_is_wanted() }}
