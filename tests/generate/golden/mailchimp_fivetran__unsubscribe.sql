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
  and not exists (
    select 1
    from {{ source('mailchimp', 'automations') }} as automation
    where automation.account_name = here.account_name and automation.id = here.campaign_id
  )
  and not exists (
    select 1
    from {{ source('mailchimp', 'campaign_sub_reports') }} as child
    join {{ source('mailchimp', 'campaigns') }} as parent
      on parent.account_name = child.account_name and parent.id = child.campaign_id
    where child.account_name = here.account_name and child.id = here.campaign_id and child.id <> child.campaign_id
      and parent.type in ('variate', 'absplit')
  )
